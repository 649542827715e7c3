import { formatDot } from '../core/clock/dot.js';
import type { RequestId, Operation as WriteOperation } from '../core/update.js';
import type { Versions } from '../core/versions.js';
import { isMergingKey } from './drawMerging.js';
import type { Access, Operation, Returned } from '../check/history.js';

/** One request of a client, while it is under way and after it. */
export interface Recorded {
  readonly session: string;
  readonly writes: readonly WriteOperation[];
  readonly requestId: RequestId | undefined;
  readonly keys: readonly string[];
  readonly startMs: number;
  status: 'ok' | 'fail' | 'info';
  endMs: number | undefined;
  returned: readonly (readonly Returned[])[];
  replica: string | undefined;
  isFinal: boolean;
  /** Its client does not wait for it any more. */
  isGivenUp: boolean;
}

const decoder = new TextDecoder();

/** What clients did and saw, as they would have noted it: for a checker that knows nothing of kvc. */
export class ClientHistory {
  readonly #now: () => number;
  readonly #records: Recorded[] = [];
  /** How often each session began anew: after an outcome that is not known, what follows it is in no order with it. */
  readonly #epochs = new Map<number, number>();

  /** @param now - in virtual ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  writes(
    session: number | null,
    writes: readonly WriteOperation[],
    requestId: RequestId | undefined,
  ): Recorded {
    return this.#begin(session, { writes, requestId, keys: [] });
  }

  reads(session: number | null, keys: readonly string[]): Recorded {
    return this.#begin(session, { writes: [], requestId: undefined, keys });
  }

  wrote(recorded: Recorded): void {
    this.#end(recorded, 'ok');
  }

  read(recorded: Recorded, replica: string, found: readonly (Versions | undefined)[]): void {
    recorded.returned = found.map(returnedOf);
    recorded.replica = replica;
    this.#end(recorded, 'ok');
  }

  /** @param isDefinite - whether it is certain that it did not happen and will not */
  failed(recorded: Recorded, isDefinite: boolean): void {
    this.#end(recorded, isDefinite ? 'fail' : 'info');
  }

  /** A session gives up what it has waited for, or all that it has seen. */
  beginAnew(session: number): void {
    this.#epochs.set(session, (this.#epochs.get(session) ?? 0) + 1);
  }

  /** The last look at a key, when all has spread. */
  sawAtEnd(replica: string, key: string, versions: Versions | undefined): void {
    const recorded = this.reads(null, [key]);
    recorded.isFinal = true;
    this.read(recorded, replica, [versions]);
  }

  /**
   * The history, as `checkHistory` takes it.
   * @param factsOf - what became of a write, which its client need not have been told
   */
  operations(factsOf: (recorded: Recorded) => WriteFacts): Operation[] {
    const plain = this.#records.filter(isPlain);
    return plain.map((recorded, index) => {
      const facts = recorded.writes.length === 0 ? undefined : factsOf(recorded);
      const { session, startMs, endMs, status, replica, isFinal } = recorded;
      return {
        session,
        accesses: accessesOf(recorded, facts?.wid),
        isTxn: recorded.writes.length + recorded.keys.length > 1,
        status: facts?.isLost === true && status === 'ok' ? 'info' : status,
        startMs,
        ...(endMs === undefined ? {} : { endMs }),
        ...(replica === undefined ? {} : { replica }),
        isFinal,
        line: index + 1,
      };
    });
  }

  #begin(session: number | null, what: Pick<Recorded, 'writes' | 'requestId' | 'keys'>): Recorded {
    const recorded: Recorded = {
      ...what,
      session: session === null ? `c${this.#records.length}` : this.#nameOf(session),
      startMs: this.#now(),
      status: 'info',
      endMs: undefined,
      returned: [],
      replica: undefined,
      isFinal: false,
      isGivenUp: false,
    };
    this.#records.push(recorded);
    return recorded;
  }

  #end(recorded: Recorded, status: Recorded['status']): void {
    recorded.status = status;
    recorded.endMs = this.#now();
  }

  #nameOf(session: number): string {
    return `s${session + 1}.${this.#epochs.get(session) ?? 0}`;
  }
}

export interface WriteFacts {
  /** Its name in the answers of reads; undefined if no replica accepted it. */
  readonly wid: string | undefined;
  /** It was lost with the only disk that had it: its client was told that it was done, and may not count on it. */
  readonly isLost: boolean;
}

function accessesOf({ writes, keys, returned }: Recorded, wid: string | undefined): Access[] {
  return [
    ...writes.filter(isLastDelete).map((operation): Access => {
      const value = operation.kind === 'put' ? decoder.decode(operation.value) : null;
      return { kind: 'write', key: operation.key, value, ...(wid === undefined ? {} : { wid }) };
    }),
    ...keys.flatMap((key, index): Access[] =>
      isMergingKey(key) ? [] : [{ kind: 'read', key, returned: returned[index] ?? [{ value: null }] }],
    ),
  ];
}

/** What merges or expires is no register, and the checker knows nothing else: the oracle alone judges it. */
function isPlain({ writes, keys }: Recorded): boolean {
  return writes.some(({ key }) => !isMergingKey(key)) || keys.some((key) => !isMergingKey(key));
}

/** A batch may delete a key twice. Both would have one name and no value: nobody could know which of them a read saw. */
function isLastDelete(
  { kind, key }: WriteOperation,
  index: number,
  batch: readonly WriteOperation[],
): boolean {
  return kind === 'put' || !batch.slice(index + 1).some((later) => later.kind === kind && later.key === key);
}

/** The winner first. */
function returnedOf(versions: Versions | undefined): Returned[] {
  if (versions === undefined || versions.length === 0) return [{ value: null }];
  // A write that was sent again may have several dots, and one name.
  return versions.flatMap((version) => {
    if (version.kind !== undefined || version.expiredBy !== undefined) return [];
    const { dot, request, value } = version;
    return [{ value: value === null ? null : decoder.decode(value), wid: request ?? formatDot(dot) }];
  });
}
