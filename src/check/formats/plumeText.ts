import { countedNotes } from './countedNotes.js';
import { attribute } from '../attribution/attribute.js';
import type { Access, History, Operation, Read } from '../history.js';
import type { Attributed } from '../attribution/source.js';

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
  for (const [index, operation] of history.entries()) writer.add(operation, index);
  return writer.end();
}

class PlumeWriter {
  readonly #attributed: Attributed;
  readonly #keys = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  /** Numbers of what was returned and never written, which come after those of the writes. */
  readonly #unwritten = new Map<string, number>();
  readonly #lines: string[] = [];
  readonly #left = { siblings: 0, unattributed: 0, final: 0, unseen: 0, indefinite: 0, deletes: 0 };
  /** Of the next access: where it stands among all of the history. */
  #access = 0;
  #txn = 0;

  constructor(history: History) {
    this.#attributed = attribute(history);
  }

  add(operation: Operation, index: number): void {
    const { session, status } = operation;
    const isUnseen = status === 'info' && this.#attributed.happened[index] === 0;
    if (isUnseen) {
      this.#left.unseen += 1;
      this.#access += operation.accesses.length;
      return;
    }
    if (operation.isFinal) this.#left.final += 1;
    if (status === 'info') this.#left.indefinite += 1;
    // It takes effect at any later time, so nothing of its session may be ordered behind it.
    const sessionText = status === 'info' ? `indefinite ${index}` : `session ${session}`;
    this.#txnOf(operation, numberOf(this.#sessions, sessionText, 0));
  }

  end(): PlumeText {
    const { siblings, unattributed, final, unseen, indefinite, deletes } = this.#left;
    const notes = countedNotes([
      ['reads returned siblings; of each only the winner is written', siblings],
      ['reads may have returned one of several writes; they are left out', unattributed],
      ['final reads are ordinary reads now; that all replicas agree is not judged', final],
      ['operations that may not have happened were seen; each is a session of its own now', indefinite],
      ['operations that may not have happened were never seen; they are left out', unseen],
      ['deletes are writes of a value of their own now', deletes],
    ]);
    return {
      lines: this.#lines,
      notes,
    };
  }

  #txnOf(operation: Operation, session: number): void {
    const isAborted = operation.status === 'fail';
    const txn = isAborted ? -1 : this.#txn;
    const lines = operation.accesses.flatMap((access, index) => {
      const isUnclear = isUnclearRead(operation, index);
      return this.#line(access, `${session},${txn}`, isUnclear) ?? [];
    });
    if (!isAborted && lines.length > 0) this.#txn += 1;
    for (const line of lines) this.#lines.push(line);
  }

  #line(access: Access, txn: string, isUnclear: boolean): string | undefined {
    const number = this.#access;
    this.#access += 1;
    const key = numberOf(this.#keys, access.key, 1);
    if (access.kind === 'write') {
      if (access.value === null) this.#left.deletes += 1;
      return `w(${key},${valueOf(number)},${txn})`;
    }
    const value = isUnclear ? undefined : this.#returnedBy(access, number);
    if (value === undefined) {
      this.#left.unattributed += 1;
      return undefined;
    }
    if (access.returned.length > 1) this.#left.siblings += 1;
    return `r(${key},${value},${txn})`;
  }

  /** undefined: it may have been one of several. */
  #returnedBy({ key, returned }: Read, access: number): number | undefined {
    const source = this.#attributed.sources[access]?.[0];
    switch (source?.kind) {
      case 'initial':
        return 0;
      case 'write':
      case 'failed':
        return valueOf(source.write);
      case 'nowhere':
        return numberOf(
          this.#unwritten,
          JSON.stringify([key, returned[0]]),
          this.#attributed.sources.length + 1,
        );
      case 'oneOf':
      case 'unknown':
      case undefined:
        return undefined;
    }
  }
}

/** Siblings of what the transaction itself wrote: without it the winner would look as if its own write were lost. */
function isUnclearRead({ accesses }: Operation, index: number): boolean {
  const access = accesses[index];
  if (access?.kind !== 'read' || access.returned.length === 1) return false;
  return accesses.slice(0, index).some(({ kind, key }) => kind === 'write' && key === access.key);
}

/** Of a write, by where it stands among the accesses of the history. */
function valueOf(access: number): number {
  return access + 1;
}

function numberOf(numbers: Map<string, number>, name: string, first: number): number {
  const number = numbers.get(name) ?? numbers.size + first;
  numbers.set(name, number);
  return number;
}
