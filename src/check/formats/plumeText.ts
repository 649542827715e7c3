import type { Access, History, Operation, Read } from '../history.js';
import { WriteNumbers, writesOf } from './writeNumbers.js';

/** A history in Plume's text format. */
export interface PlumeText {
  readonly lines: readonly string[];
  /** What the format cannot hold, for people. Each makes the written history prove less, never something else. */
  readonly notes: readonly string[];
}

/**
 * A history for Plume, PolySI and AWDIT, see `PlumeReader`. Keys, sessions and writes get numbers, each write its own, so
 * that values may repeat and a delete is a write like any other; 0 is the state in which a key begins. Where the format
 * has no word for something, it is left out rather than given another meaning: none of it can make a violation.
 */
export function plumeText(history: History): PlumeText {
  const writer = new PlumeWriter(history);
  for (const operation of history) writer.add(operation);
  return writer.end();
}

class PlumeWriter {
  readonly #writes: WriteNumbers;
  /** The numbers of the writes that reads returned. */
  readonly #seen = new Set<number>();
  readonly #keys = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #lines: string[] = [];
  readonly #left = { siblings: 0, unattributed: 0, final: 0, unseen: 0, indefinite: 0, deletes: 0 };
  #txn = 0;

  constructor(history: History) {
    this.#writes = new WriteNumbers(history);
    for (const { key, returned } of history.flatMap(readsOf)) {
      const [winner] = returned;
      const number = winner === undefined ? undefined : this.#writes.ofReturned(key, winner);
      if (number !== undefined) this.#seen.add(number);
    }
  }

  add(operation: Operation): void {
    if (operation.isFinal) this.#left.final += 1;
    if (operation.status === 'info') this.#indefinite(operation);
    else this.#txnOf(operation, `session ${operation.session}`, operation.status === 'fail');
  }

  end(): PlumeText {
    const { siblings, unattributed, final, unseen, indefinite, deletes } = this.#left;
    const notes = [
      [siblings, 'reads returned siblings; of each only the winner is written'],
      [unattributed, 'reads may have returned one of several writes; they are left out'],
      [final, 'final reads are ordinary reads now; that all replicas agree is not judged'],
      [indefinite, 'operations that may not have happened were seen; each is a session of its own now'],
      [unseen, 'operations that may not have happened were never seen; they are left out'],
      [deletes, 'deletes are writes of a value of their own now'],
    ] as const;
    return {
      lines: this.#lines,
      notes: notes.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])),
    };
  }

  /** It takes effect at any later time, so nothing of its session may be ordered behind it. */
  #indefinite(operation: Operation): void {
    const isSeen = writesOf(operation).some((write) => this.#seen.has(this.#writes.of(write)));
    if (!isSeen) {
      this.#left.unseen += 1;
      return;
    }
    this.#left.indefinite += 1;
    this.#txnOf(operation, `indefinite ${operation.line}`, false);
  }

  #txnOf(operation: Operation, sessionName: string, isAborted: boolean): void {
    const session = numberOf(this.#sessions, sessionName, 0);
    const id = isAborted ? -1 : this.#txn;
    const lines = operation.accesses.flatMap((access) => this.#line(access, session, id) ?? []);
    if (!isAborted && lines.length > 0) this.#txn += 1;
    for (const line of lines) this.#lines.push(line);
  }

  #line(access: Access, session: number, txn: number): string | undefined {
    const key = numberOf(this.#keys, access.key, 1);
    if (access.kind === 'write') {
      if (access.value === null) this.#left.deletes += 1;
      return `w(${key},${this.#writes.of(access)},${session},${txn})`;
    }
    const [winner, ...others] = access.returned;
    const number = winner === undefined ? undefined : this.#writes.ofReturned(access.key, winner);
    if (number === undefined) {
      this.#left.unattributed += 1;
      return undefined;
    }
    if (others.length > 0) this.#left.siblings += 1;
    return `r(${key},${number},${session},${txn})`;
  }
}

function readsOf({ accesses }: Operation): Read[] {
  return accesses.filter((access) => access.kind === 'read');
}

function numberOf(numbers: Map<string, number>, name: string, first: number): number {
  const number = numbers.get(name) ?? numbers.size + first;
  numbers.set(name, number);
  return number;
}
