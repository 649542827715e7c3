import { sameBytes } from './bytes.js';
import { compareDots, sameDot, unionOfDots, type Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import type { RequestId } from './update.js';

interface VersionOrigin {
  readonly dot: Dot;
  readonly timestamp: HybridTimestamp;
  /** The request id of its update, if that has one. */
  readonly request?: RequestId;
  /** The dots of other updates with the same request id: who has seen one of them has seen this version. Absent if none. */
  readonly aliases?: readonly Dot[];
}

/** A value that was written, or a tombstone. */
export interface RegisterVersion extends VersionOrigin {
  readonly kind?: undefined;
  /** null is a tombstone: the key was deleted by this version's update, or its value has expired. */
  readonly value: Uint8Array | null;
  /** When the value expires, if it does; stays when it has expired. */
  readonly expiresMs?: number;
  /** The dots of the updates that made it expire. Absent while it has not. */
  readonly expiredBy?: readonly Dot[];
}

/** What one replica has added to a counter since the last write or delete of the key that it had seen then. */
export interface CounterVersion extends VersionOrigin {
  readonly kind: 'counter';
  /** A safe integer. The dot is that of the replica's last increment. */
  readonly total: number;
}

/** One addition of a member to a set. */
export interface MemberVersion extends VersionOrigin {
  readonly kind: 'member';
  readonly member: Uint8Array;
}

/** What is left of a removal from a set: who has read the set without the member has seen this. */
export interface TraceVersion extends VersionOrigin {
  readonly kind: 'trace';
}

/**
 * What one write left at a key. It holds its dot and never a vector, so that it costs the same however many replicas there
 * are.
 */
export type Version = RegisterVersion | CounterVersion | MemberVersion | TraceVersion;

/**
 * The versions of one key that no delivered update has replaced. What clients see of them is in contents.ts. Invariant:
 * sorted by (timestamp, replica id) descending, the winner among registers first; at most one register, one counter and one
 * trace per replica, and one addition per replica and member, so that siblings are bounded by the number of replicas.
 */
export type Versions = readonly Version[];

/**
 * The version of a write of which there are two: that of greater precedence, and it has the dots of both. So it does not
 * depend on which came first.
 */
export function oneVersion(left: Version, right: Version): Version {
  // Of one dot, the right one counts: it is what the update's last operation on the key leaves.
  const [first, second] = byPrecedence(left, right) < 0 ? [left, right] : [right, left];
  const dots = unionOfDots(first.aliases ?? noDots, [second.dot, ...(second.aliases ?? noDots)]);
  const aliases = dots.filter((dot) => !sameDot(dot, first.dot)).sort(compareDots);
  const whole = aliases.length === 0 ? first : { ...first, aliases };
  return withExpiry(whole, unionOfDots(expiriesOf(left), expiriesOf(right)));
}

/** Two versions that one write left: those of one dot, or of one request, that say the same thing of a key. */
export function isSameWrite(left: Version, right: Version): boolean {
  if (left.kind !== right.kind || isEcho(left) !== isEcho(right)) return false;
  if (left.kind === 'member' && right.kind === 'member' && !sameBytes(left.member, right.member))
    return false;
  return sameDot(left.dot, right.dot) || (left.request !== undefined && left.request === right.request);
}

/** A version of which some updates say that it has expired. Anything but a value stays as it is. */
export function withExpiry(version: Version, expiries: readonly Dot[]): Version {
  if (expiries.length === 0 || version.kind !== undefined) return version;
  const expiredBy = [...unionOfDots(expiriesOf(version), expiries)].sort(compareDots);
  return { ...version, value: null, expiredBy };
}

/** By falling precedence: the winner first. */
export function byPrecedence(left: Version, right: Version): number {
  if (left.timestamp !== right.timestamp) return right.timestamp - left.timestamp;
  if (left.dot.replica === right.dot.replica) return right.dot.counter - left.dot.counter;
  return left.dot.replica > right.dot.replica ? -1 : 1;
}

/** All dots of its write. */
export function dotsOf({ dot, aliases }: Version): readonly Dot[] {
  return aliases === undefined ? [dot] : [dot, ...aliases];
}

/**
 * What is left of a put or delete whose version is gone, because another dot of the same write has been seen: a value that
 * expired by its own update. It is there for increments only, which have to have seen it.
 */
export function echoOf(dot: Dot): RegisterVersion {
  return { dot, timestamp: 1, value: null, expiresMs: 1, expiredBy: [dot] };
}

export function isEcho(version: Version): boolean {
  const [first] = expiriesOf(version);
  return first !== undefined && sameDot(first, version.dot);
}

/** All dots that a reader of a version has seen. */
export function observedDots(version: Version): readonly Dot[] {
  const expiries = expiriesOf(version);
  return expiries.length === 0 ? [version.dot] : [version.dot, ...expiries];
}

/** How much memory the versions of a key take, roughly. */
export function bytesOfVersions(versions: Versions): number {
  let bytes = 0;
  for (const version of versions) {
    if (version.kind === undefined) bytes += version.value?.length ?? 0;
    else if (version.kind === 'member') bytes += version.member.length;
    bytes += versionBytes;
  }
  return bytes;
}

/** What a version takes beside its value. */
const versionBytes = 200;

/** Deleted, expired, or the trace of a removal: nothing that a client can read, kept until nothing can miss it. */
export function isTombstone(version: Version): boolean {
  return version.kind === undefined ? version.value === null : version.kind === 'trace';
}

/**
 * The versions without the tombstones that nothing can miss: those that are collectable and decide nothing, for nothing that
 * stays stands behind them. A tombstone that wins over a concurrent value stays until a write has seen both; and one that wins
 * over a tombstone which must stay, or what the key was last known by would go back to an older write. What expired, what is
 * left of a removal, and counters and sets decide nothing.
 * @param collectable - what every member has delivered, while nothing that was written before that is still under way
 */
export function withoutTombstones(versions: Versions, collectable: VersionVector): Versions {
  const kept: Version[] = [];
  let decidesOver = false;
  for (const version of versions.toReversed()) {
    if (isTombstone(version) && isCollectable(version, collectable, decidesOver)) continue;
    kept.push(version);
    decidesOver ||= version.kind === undefined;
  }
  return kept.length === versions.length ? versions : kept.reverse();
}

function isCollectable(version: Version, collectable: VersionVector, decidesOver: boolean): boolean {
  // By all dots of its write: an increment of who has forgotten it has seen what is collectable, and counts where it stays only if
  // it has seen each of them.
  if (!dotsOf(version).every((dot) => containsDot(collectable, dot))) return false;
  const expiries = expiriesOf(version);
  if (expiries.length > 0) return expiries.some((dot) => containsDot(collectable, dot));
  return !(decidesOver && version.kind === undefined);
}

function expiriesOf(version: Version): readonly Dot[] {
  return version.kind === undefined ? (version.expiredBy ?? noDots) : noDots;
}

export const noDots: readonly Dot[] = [];
