import { compareDots, sameDot, unionOfDots, type Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
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
 * Invariant: sorted by (timestamp, replica id) descending; at most one version per replica, so that siblings are bounded by
 * the number of replicas.
 */
export type Versions = readonly Version[];

/**
 * The versions of a key after an operation of `update`: those that the update has seen go, the others stay beside it.
 * What an update has seen are its dependencies and all earlier updates of its own replica. The result is a function of
 * the set of updates delivered, not of their order, which is why replicas converge.
 *
 * An update may be the same write as others that were delivered before: a client that got no answer sent it again, to
 * another replica. The write then has several dots and one version, which goes when any of its dots has been seen. Where
 * it has gone already, it does not come back.
 *
 * Source: dotted version vectors (Preguiça et al., 2010), with the context stated once per update instead of per version.
 * @param twins - the dots of delivered updates with the same request id
 * @returns empty if all is replaced and nothing is added
 */
export function applyOperation(
  versions: Versions | undefined,
  update: Update,
  operation: Operation,
  twins: readonly Dot[] = noDots,
): Versions {
  const survivors: Version[] = [];
  let twin: Version | undefined;
  for (const other of versions ?? []) {
    if (twins.length > 0 && other.request === update.request) twin = other;
    else if (!hasSeenVersion(update, other)) survivors.push(other);
  }
  if (twin === undefined && twins.length > 0) return survivors;
  const version = versionOf(update, operation);
  if (survivors.length === 0 && twin === undefined) return [version];
  return [...survivors, twin === undefined ? version : oneVersion(twin, version)].sort(byPrecedence);
}

/**
 * The version of a write of which there are two: that of greater precedence, and it has the dots of both. So it does not
 * depend on which came first.
 */
export function oneVersion(left: Version, right: Version): Version {
  // Of one dot, the right one counts: it is what the update's last operation on the key leaves.
  const [first, second] = byPrecedence(left, right) < 0 ? [left, right] : [right, left];
  const dots = unionOfDots(first.aliases ?? noDots, [second.dot, ...(second.aliases ?? noDots)]);
  const aliases = dots.filter((dot) => !sameDot(dot, first.dot)).sort(compareDots);
  return aliases.length === 0 ? first : { ...first, aliases };
}

/** By falling precedence: the winner first. */
export function byPrecedence(left: Version, right: Version): number {
  if (left.timestamp !== right.timestamp) return right.timestamp - left.timestamp;
  if (left.dot.replica === right.dot.replica) return right.dot.counter - left.dot.counter;
  return left.dot.replica > right.dot.replica ? -1 : 1;
}

/**
 * The versions without the tombstones that nothing can miss: those that are collectable and decide nothing, for nothing that
 * stays stands behind them. A tombstone that wins over a concurrent value stays until a write has seen both; and one that wins
 * over a tombstone which must stay, or what the key was last known by would go back to an older write.
 * @param collectable - what every member has delivered, while nothing that was written before that is still under way
 */
export function withoutTombstones(versions: Versions, collectable: VersionVector): Versions {
  const kept: Version[] = [];
  for (const version of versions.toReversed()) {
    const decides = version.value !== null || kept.length > 0;
    if (decides || !containsDot(collectable, version.dot)) kept.push(version);
  }
  return kept.length === versions.length ? versions : kept.reverse();
}

const noDots: readonly Dot[] = [];

function versionOf(update: Update, operation: Operation): Version {
  const version = {
    dot: update.dot,
    timestamp: update.timestamp,
    value: operation.kind === 'put' ? operation.value : null,
  };
  return update.request === undefined ? version : { ...version, request: update.request };
}

function hasSeenVersion(update: Update, { dot, aliases }: Version): boolean {
  return hasSeen(update, dot) || (aliases?.some((alias) => hasSeen(update, alias)) ?? false);
}

function hasSeen(update: Update, dot: Dot): boolean {
  if (dot.replica === update.dot.replica) return dot.counter <= update.dot.counter;
  return containsDot(update.dependencies, dot);
}
