import type { Dot } from './clock/dot.js';
import { containsDot } from './clock/versionVector.js';
import { sameBytes } from './bytes.js';
import type { Operation, Update } from './update.js';
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

/** Whether an update with this operation is to have seen a version, whatever its client has; see `Delivery.withMerged`. */
export function isMetBy(operation: Operation, version: Version): boolean {
  switch (operation.kind) {
    case 'put':
    case 'delete':
      return version.kind === 'member' || version.kind === 'trace';
    case 'increment':
      return version.kind === undefined;
    case 'add':
    case 'remove':
      if (version.kind === 'member') return sameBytes(version.member, operation.member);
      // A delete, too: it may have taken away an addition that is still there elsewhere.
      return version.kind !== 'counter';
    case 'expire':
      return version.kind === undefined;
  }
}
