import { applyOperations } from '../../core/applyOperations.js';
import { contentsOf, winnerOf, type Content } from '../../core/contents.js';
import { operationsByKey, type Operation, type Update } from '../../core/update.js';
import type { KeyChange } from '../../core/step.js';
import type { Versions } from '../../core/versions.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { RespError } from '../../protocol/resp/respError.js';
import { requireAnswerBytes } from './args.js';
import type { RespSession } from './respSession.js';

/** The keys as one connection sees them in one moment. What it looks at its session has observed. */
export interface KeyView {
  /** Of several siblings, the winner. undefined: nothing is there. */
  winner(key: string): Content | undefined;
  /** For who tells their dots. @throws RespError as `versionsWithDots` does */
  contents(key: string): readonly Content[];
  versions(key: string): Versions;
  /** The same, with dots that may be told. @throws RespError of a key that the transaction has written: it has no dot yet */
  versionsWithDots(key: string): Versions;
  /**
   * Says that so many bytes of keys go into the answer.
   * @throws RespError where it becomes too large
   */
  tell(bytes: number): void;
}

/** What of a connection its view needs. */
interface ViewingClient {
  readonly node: Pick<RunningNode, 'keys' | 'replica'>;
  readonly session: RespSession;
}

/** The keys as they are at the node that serves a connection, for one answer. */
export class NodeView implements KeyView {
  readonly #client: ViewingClient;
  #toldBytes = 0;

  constructor(client: ViewingClient) {
    this.#client = client;
  }

  winner(key: string): Content | undefined {
    return winnerOf(this.versions(key));
  }

  contents(key: string): readonly Content[] {
    return contentsOf(this.versions(key));
  }

  tell(bytes: number): void {
    this.#toldBytes += bytes;
    requireAnswerBytes(this.#toldBytes);
  }

  versions(key: string): Versions {
    const { node, session } = this.#client;
    const versions = node.keys.get(key);
    if (versions === undefined) return [];
    session.observeAll(versions, node.replica);
    return versions;
  }

  versionsWithDots(key: string): Versions {
    return this.versions(key);
  }
}

/** The keys as they will be when the operations of a transaction are done that came before. */
export class TransactionView implements KeyView {
  readonly #beneath: KeyView;
  readonly #changed = new Map<string, Versions>();
  readonly #standInFor: (operations: readonly Operation[]) => Update;
  #toldBytes = 0;

  /** @param standInFor - gives what stands for the update to come; asked when the view has seen the keys of these operations */
  constructor(beneath: KeyView, standInFor: (operations: readonly Operation[]) => Update) {
    this.#beneath = beneath;
    this.#standInFor = standInFor;
  }

  /** @throws RespError when all that the transaction has looked at would make an answer too large */
  winner(key: string): Content | undefined {
    const winner = winnerOf(this.versions(key));
    this.tell(bytesOf(winner));
    return winner;
  }

  contents(key: string): readonly Content[] {
    const contents = contentsOf(this.versionsWithDots(key));
    this.tell(contents.reduce((sum, each) => sum + bytesOf(each), 0));
    return contents;
  }

  tell(bytes: number): void {
    this.#toldBytes += bytes;
    requireAnswerBytes(this.#toldBytes);
  }

  versions(key: string): Versions {
    return this.#changed.get(key) ?? this.#beneath.versions(key);
  }

  versionsWithDots(key: string): Versions {
    if (!this.#changed.has(key)) return this.#beneath.versionsWithDots(key);
    throw new RespError(
      'this transaction has written the key, and its writes have no dots before EXEC is done: ask after it',
    );
  }

  apply(operations: readonly Operation[]): KeyChange[] {
    if (operations.length === 0) return [];
    const looked = Array.from(operationsByKey(operations), ([key, ofKey]) => ({
      key,
      ofKey,
      before: this.versions(key),
    }));
    const update = this.#standInFor(operations);
    return looked.map(({ key, ofKey, before }) => {
      const after = applyOperations(before, update, ofKey);
      this.#changed.set(key, after);
      return { key, before, after };
    });
  }
}

/** Of a value, or of all members of a set. */
export function bytesOf(content: Content | undefined): number {
  if (content === undefined || content.type === 'counter') return 0;
  if (content.type === 'set') return content.members.reduce((sum, { length }) => sum + length, 0);
  return content.value?.length ?? 0;
}
