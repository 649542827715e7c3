import type { Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import { containsDot } from './clock/versionVector.js';
import type { Operation, RequestId, Update } from './update.js';

/** One value of a key. It holds its dot and never a vector, so that it costs the same however many replicas there are. */
export interface Version {
  readonly dot: Dot;
  readonly timestamp: HybridTimestamp;
  /** null is a tombstone: the key was deleted by this version's update. */
  readonly value: Uint8Array | null;
  /** The request id of its update, if that has one. */
  readonly request?: RequestId;
  /** The dots of other updates with the same request id: who has seen one of them has seen this version. Absent if none. */
  readonly aliases?: readonly Dot[];
}

/**
 * The versions of one key that no delivered update has replaced: the winner first, then the siblings concurrent with it.
 * Invariant: sorted by (timestamp, replica id) descending; at most one version per replica; never empty.
 */
export type Versions = readonly Version[];

/**
 * The versions of a key after an operation of `update`: those that the update has seen go, the others stay beside it.
 * What an update has seen are its dependencies and all earlier updates of its own replica. The result is a function of
 * the set of updates delivered, not of their order, which is why replicas converge.
 *
 * Source: dotted version vectors (Preguiça et al., 2010), with the context stated once per update instead of per version.
 */
export function applyOperation(
  versions: Versions | undefined,
  update: Update,
  operation: Operation,
): Versions {
  const version: Version = {
    dot: update.dot,
    timestamp: update.timestamp,
    value: operation.kind === 'put' ? operation.value : null,
  };
  const survivors = versions?.filter((other) => !hasSeen(update, other.dot)) ?? [];
  if (survivors.length === 0) return [version];
  return [...survivors, version].sort(byPrecedence);
}

function hasSeen(update: Update, dot: Dot): boolean {
  if (dot.replica === update.dot.replica) return dot.counter <= update.dot.counter;
  return containsDot(update.dependencies, dot);
}

function byPrecedence(left: Version, right: Version): number {
  if (left.timestamp !== right.timestamp) return right.timestamp - left.timestamp;
  return left.dot.replica > right.dot.replica ? -1 : 1;
}
