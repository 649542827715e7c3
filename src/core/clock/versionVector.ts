import type { ReplicaId } from '../ids.js';
import type { Dot } from './dot.js';

/**
 * Per replica, the highest counter of a gap-free prefix of its updates: `{node1: 3}` stands for node1:1, :2 and :3.
 * Invariant: every entry is a safe integer >= 1. A missing entry means 0, and 0 is never stored, so that equal vectors
 * have equal entries. The functions here never change a vector that they are given.
 *
 * Source: D. S. Parker et al., "Detection of mutual inconsistency in distributed systems", IEEE TSE 9(3), 1983.
 */
export type VersionVector = ReadonlyMap<ReplicaId, number>;

export const emptyVector: VersionVector = new Map<ReplicaId, number>();

export function counterOf(vector: VersionVector, replica: ReplicaId): number {
  return vector.get(replica) ?? 0;
}

export function containsDot(vector: VersionVector, dot: Dot): boolean {
  return counterOf(vector, dot.replica) >= dot.counter;
}

export function covers(vector: VersionVector, required: VersionVector): boolean {
  return firstMissing(vector, required) === undefined;
}

/** The first dot, in the order of `required`, that `vector` would have to contain to cover `required`. */
export function firstMissing(vector: VersionVector, required: VersionVector): Dot | undefined {
  // Asked for every write, and mostly so.
  if (required.size === 0) return undefined;
  for (const [replica, counter] of required) {
    if (counterOf(vector, replica) < counter) return { replica, counter };
  }
  return undefined;
}

/** Every dot that is the highest of its replica in `required` and absent from `vector`. */
export function missingDots(vector: VersionVector, required: VersionVector): Dot[] {
  return [...required]
    .filter(([replica, counter]) => counterOf(vector, replica) < counter)
    .map(([replica, counter]) => ({ replica, counter }));
}

export function sameVector(left: VersionVector, right: VersionVector): boolean {
  if (left.size !== right.size) return false;
  for (const [replica, counter] of left) if (counterOf(right, replica) !== counter) return false;
  return true;
}

/** The least vector that covers both: the component-wise maximum. */
export function mergeVectors(left: VersionVector, right: VersionVector): VersionVector {
  if (left.size === 0) return right;
  const merged = new Map(left);
  raise(merged, right);
  return merged;
}

/** The least vector that covers `vector` and contains `dot` (and so, by gap-freedom, all of its replica's earlier dots). */
export function withDot(vector: VersionVector, dot: Dot): VersionVector {
  if (containsDot(vector, dot)) return vector;
  return new Map(vector).set(dot.replica, dot.counter);
}

/** Merges `source` into `target` in place; true if `target` grew. For vectors that their owner keeps privately. */
export function raise(target: Map<ReplicaId, number>, source: VersionVector): boolean {
  let grew = false;
  for (const [replica, counter] of source) {
    if (counter <= counterOf(target, replica)) continue;
    target.set(replica, counter);
    grew = true;
  }
  return grew;
}

/** Entries sorted by replica id: the one order in which a vector is written, whatever the order it was built in. */
export function sortedEntries(vector: VersionVector): [ReplicaId, number][] {
  return vector.size < 2 ? [...vector] : [...vector].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** `{node1:1 node2:3}`, the way a vector is shown to people. */
export function formatVector(vector: VersionVector): string {
  return `{${sortedEntries(vector)
    .map(([replica, counter]) => `${replica}:${counter}`)
    .join(' ')}}`;
}
