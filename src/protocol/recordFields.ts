import type { Dot } from '../core/clock/dot.js';
import { sortedEntries, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { KvcError } from '../errors.js';
import { limits } from './limits.js';
import { isReplicaId } from './names.js';

/*
 * Checks of the fields of MessagePack records. The same fields are stored and sent: what is wrong with one that was stored
 * is damage, with one that was sent a bad request, so the caller makes the error.
 */

/** Makes the error for a field that is not what it must be. */
export type Refuse = (why: string) => KvcError;

export function replicaOf(input: unknown, refuse: Refuse): ReplicaId {
  if (!isReplicaId(input)) throw refuse('a replica id is malformed');
  return input;
}

/** An integer from `min` up. */
export function countOf(input: unknown, min: number, refuse: Refuse): number {
  if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < min) {
    throw refuse(`a number is no integer from ${min} up`);
  }
  return input;
}

export function listOf(input: unknown, itemsMax: number, refuse: Refuse): readonly unknown[] {
  if (!Array.isArray(input)) throw refuse('a list is no array');
  if (input.length > itemsMax) throw refuse(`a list has ${input.length} items`);
  return input;
}

/** Dots as they stand in a record: [replica, counter, ...]. */
export function dotFields(dots: readonly Dot[]): (string | number)[] {
  return dots.flatMap(({ replica, counter }) => [replica, counter]);
}

/** At least one dot, at most `replicasEverMax`. */
export function dotsOf(input: unknown, refuse: Refuse): Dot[] {
  const fields = listOf(input, limits.replicasEverMax * 2, refuse);
  if (fields.length === 0 || fields.length % 2 !== 0) throw refuse('dots are no list of pairs');
  const dots: Dot[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    dots.push({ replica: replicaOf(fields[index], refuse), counter: countOf(fields[index + 1], 1, refuse) });
  }
  return dots;
}

/** A vector as it stands in a record: [replica, counter, ...], sorted by replica id. */
export function vectorFields(vector: VersionVector): (string | number)[] {
  return sortedEntries(vector).flat();
}

/** Reads what `vectorFields` gives. */
export function vectorOf(input: unknown, refuse: Refuse): VersionVector {
  const fields = listOf(input, limits.replicasEverMax * 2, refuse);
  if (fields.length === 0) return new Map();
  const vector = new Map<ReplicaId, number>();
  let previous = '';
  for (const { replica, counter } of dotsOf(fields, refuse)) {
    if (replica <= previous) throw refuse('a vector is not in order');
    vector.set(replica, counter);
    previous = replica;
  }
  return vector;
}
