import type { Dot } from '../core/clock/dot.js';
import { sortedEntries, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';
import type { ClockJson, DotJson } from './api.js';
import { asInteger, asObject, asRecord } from './fields.js';
import { limits } from './limits.js';
import { parseReplicaId } from './names.js';

export function encodeClock(vector: VersionVector): ClockJson {
  return Object.fromEntries(sortedEntries(vector));
}

/** The JSON text of `encodeClock`. Names need no escaping (names.ts). */
export function clockText(vector: VersionVector): string {
  let text = '';
  for (const [replica, counter] of inOrder(vector)) {
    text += `${text === '' ? '{' : ','}"${replica}":${counter}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/**
 * The entries sorted by replica id, without copying and sorting where they are already, as those of a vector that grew
 * out of another one mostly are. For the paths that run once per request.
 */
export function inOrder(vector: VersionVector): Iterable<readonly [ReplicaId, number]> {
  let previous = '';
  for (const replica of vector.keys()) {
    if (replica < previous) return sortedEntries(vector);
    previous = replica;
  }
  return vector;
}

/**
 * A version vector from outside. A counter of 0 is refused like any other that no dot can have.
 * @throws KvcError KVC_E_BAD_REQUEST; KVC_E_MESSAGE_TOO_LARGE beyond `vectorEntriesMax` entries
 */
export function parseClock(input: unknown, field: string): VersionVector {
  const entries = Object.entries(asRecord(input, field));
  if (entries.length > limits.vectorEntriesMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `${field} has ${entries.length} entries; at most ${limits.vectorEntriesMax} are allowed`,
      { field, limit: limits.vectorEntriesMax },
    );
  }
  const vector = new Map<ReplicaId, number>();
  for (const [name, counter] of entries) {
    const replica = parseReplicaId(name, `the name of an entry of ${field}`);
    vector.set(replica, asInteger(counter, `${field}.${replica}`, 1, Number.MAX_SAFE_INTEGER));
  }
  return vector;
}

export function encodeDot(dot: Dot): DotJson {
  return { node: dot.replica, counter: dot.counter };
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseDot(input: unknown, field: string): Dot {
  const { node, counter } = asObject(input, field, ['node', 'counter']);
  return {
    replica: parseReplicaId(node, `${field}.node`),
    counter: asInteger(counter, `${field}.counter`, 1, Number.MAX_SAFE_INTEGER),
  };
}
