import { applyOperations } from '../../core/applyOperations.js';
import { contentsOf, winnerOf, type Content } from '../../core/contents.js';
import { operationsByKey, type Operation, type Update } from '../../core/update.js';
import type { KeyChange } from '../../core/step.js';
import type { Versions } from '../../core/versions.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { requireAnswerBytes } from './args.js';
import type { RespSession } from './respSession.js';

/** The keys as one connection sees them in one moment. What it looks at its session has observed. */
export interface KeyView {
  /** Of several siblings, the winner. undefined: nothing is there. */
  winner(key: string): Content | undefined;
  contents(key: string): readonly Content[];
  versions(key: string): Versions;
  /**
   * Says that so many bytes of keys go into the answer.
   * @throws RespError where it becomes too large
   */
  tell(bytes: number): void;
}

/** The keys as they are at the node that serves a connection, for one answer. */
export class NodeView implements KeyView {
  readonly #client: { readonly node: RunningNode; readonly session: RespSession };
  #toldBytes = 0;

  constructor(client: { readonly node: RunningNode; readonly session: RespSession }) {
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
}

/** The keys as they will be when the operations of a transaction are done that came before. */
export class TransactionView implements KeyView {
  readonly #beneath: KeyView;
  readonly #changed = new Map<string, Versions>();
  readonly #update: Omit<Update, 'operations'>;
  #toldBytes = 0;

  /** @param update - stands for the one that the transaction will be: it has seen what the view has */
  constructor(beneath: KeyView, update: Omit<Update, 'operations'>) {
    this.#beneath = beneath;
    this.#update = update;
  }

  /** @throws RespError when all that the transaction has looked at would make an answer too large */
  winner(key: string): Content | undefined {
    const winner = winnerOf(this.versions(key));
    this.tell(bytesOf(winner));
    return winner;
  }

  contents(key: string): readonly Content[] {
    const contents = contentsOf(this.versions(key));
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

  apply(operations: readonly Operation[]): KeyChange[] {
    return Array.from(operationsByKey(operations), ([key, ofKey]) => {
      const before = this.versions(key);
      const after = applyOperations(before, { ...this.#update, operations: ofKey }, ofKey);
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
