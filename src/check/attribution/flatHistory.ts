import type { Access, History } from '../history.js';

/**
 * A history by numbers: operations by their place in it, their accesses counted through all of them, sessions and keys in
 * the order in which they first occur. Everything that judges works on these, for a map of names in an inner loop costs
 * more than all the rest.
 */
export class FlatHistory {
  readonly operations: History;
  readonly accesses: readonly Access[];
  /** By operation: its first access; one entry more than there are operations. */
  readonly firstAccess: Int32Array;
  /** By access. */
  readonly operationOf: Int32Array;
  readonly keyOf: Int32Array;
  /** By operation. */
  readonly sessionOf: Int32Array;
  readonly sessions: readonly string[];
  readonly keys: readonly string[];

  constructor(operations: History) {
    const sessions = new Numbering();
    const keys = new Numbering();
    const accesses = operations.flatMap((operation) => operation.accesses);
    this.operations = operations;
    this.accesses = accesses;
    this.firstAccess = new Int32Array(operations.length + 1);
    this.operationOf = new Int32Array(accesses.length);
    this.sessionOf = Int32Array.from(operations, ({ session }) => sessions.of(session));
    this.keyOf = Int32Array.from(accesses, ({ key }) => keys.of(key));
    let next = 0;
    for (const [index, operation] of operations.entries()) {
      this.firstAccess[index] = next;
      this.operationOf.fill(index, next, next + operation.accesses.length);
      next += operation.accesses.length;
    }
    this.firstAccess[operations.length] = next;
    this.sessions = sessions.names;
    this.keys = keys.names;
  }

  statusOf(access: number): 'ok' | 'fail' | 'info' {
    return this.operations[at(this.operationOf, access)]?.status ?? 'fail';
  }
}

/** An entry of a typed array that is known to be there. */
export function at(array: Int32Array | readonly number[], index: number): number {
  return array[index] ?? 0;
}

/** Names to numbers from 0, in the order in which they are first asked for. */
class Numbering {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
