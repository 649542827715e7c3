import { countBelow } from '../order/keyAccesses.js';

/**
 * The deletes that an absent key may be, in the order in which they are the likeliest to explain it: back from the access
 * that found it absent, then those that the history has after it. One that explains it ends the search, so that a key
 * which is deleted and read again and again does not take the square of that.
 * @param deletes - by access, ascending
 */
export function* nearestFirst(deletes: readonly number[], access: number): Generator<number> {
  const before = countBelow(deletes, access);
  for (let index = before - 1; index >= 0; index -= 1) yield deletes[index] ?? 0;
  for (let index = before; index < deletes.length; index += 1) yield deletes[index] ?? 0;
}
