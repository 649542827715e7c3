import type { Dot } from './clock/dot.js';
import { containsDot } from './clock/versionVector.js';
import { indexOfBytes, sortedBytes } from './bytes.js';
import { isSetOperation, type Operation, type Update } from './update.js';
import type { Version } from './versions.js';

/** What an update has seen: its dependencies, and all earlier updates of its own replica. */
export interface Seen extends Pick<Update, 'dot' | 'dependencies'> {
  /** Replicas all of whose updates it has seen besides. */
  readonly isSettled?: (dot: Dot) => boolean;
}

/** Who has seen one dot of a write has seen its version. */
export function hasSeenVersion(seen: Seen, { dot, aliases }: Version): boolean {
  return hasSeen(seen, dot) || (aliases?.some((alias) => hasSeen(seen, alias)) ?? false);
}

export function hasSeen({ dot: own, dependencies, isSettled }: Seen, dot: Dot): boolean {
  if (dot.replica === own.replica) return dot.counter <= own.counter;
  return containsDot(dependencies, dot) || (isSettled?.(dot) ?? false);
}

/**
 * Tells which versions of a key an update with these operations on it is to have seen, whatever its client has: an increment or
 * expiry, all values and deletes; a change of a set, the same member, what is left of removals, and all values and deletes, which
 * may have taken away an addition that is still there elsewhere; a put or delete, all members and what is left of removals.
 */
export function versionsMetBy(operations: readonly Operation[]): (version: Version) => boolean {
  const kinds = new Set(operations.map(({ kind }) => kind));
  const changesSet = kinds.has('add') || kinds.has('remove');
  const writes = kinds.has('put') || kinds.has('delete');
  const meetsRegisters = changesSet || kinds.has('increment') || kinds.has('expire');
  const members = sortedBytes(operations.filter(isSetOperation).map(({ member }) => member));
  return (version) => {
    if (version.kind === undefined) return meetsRegisters;
    if (version.kind === 'member') return writes || indexOfBytes(members, version.member) >= 0;
    return version.kind === 'trace' && (writes || changesSet);
  };
}
