import { sortedEntries, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';

/** A vector as it stands in a stored MessagePack array: [replica, counter, ...], sorted by replica id. */
export function vectorFields(vector: VersionVector): (string | number)[] {
  return sortedEntries(vector).flat();
}

/** Undefined if `input` is not what `vectorFields` gives. */
export function vectorOfFields(input: unknown): VersionVector | undefined {
  if (!Array.isArray(input) || input.length % 2 !== 0) return undefined;
  const vector = new Map<ReplicaId, number>();
  for (let index = 0; index < input.length; index += 2) {
    const replica: unknown = input[index];
    const counter: unknown = input[index + 1];
    if (typeof replica !== 'string' || typeof counter !== 'number') return undefined;
    if (!Number.isSafeInteger(counter) || counter < 1) return undefined;
    vector.set(replica as ReplicaId, counter);
  }
  return vector;
}
