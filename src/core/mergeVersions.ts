import { sameDot, type Dot } from './clock/dot.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import type { Version, Versions } from './versions.js';

/**
 * The versions of a key where two states are joined: those that neither side has replaced. A version stays when both have
 * it, or when one has it and the other has seen none of its dots; else the other saw it and has replaced or collected it.
 * Equal to what delivering the updates of both would give, so the join is commutative, associative and idempotent.
 *
 * Source: the join of optimized observed-remove sets (Bieniusa et al., INRIA RR-8083, 2012), whose argument is the same.
 * @param dotsOf - all dots of a version's write: its own, its aliases, and those of its request id in the joined request
 * tables
 * @returns undefined if nothing is left; `local` itself if the join changes nothing
 */
export function mergeVersions(
  local: Versions | undefined,
  localClock: VersionVector,
  remote: Versions | undefined,
  remoteClock: VersionVector,
  dotsOf: (version: Version) => readonly Dot[],
): Versions | undefined {
  const isUnseen = (version: Version, clock: VersionVector): boolean =>
    !dotsOf(version).some((dot) => containsDot(clock, dot));
  const merged: Version[] = [];
  for (const version of local ?? []) {
    const twin = remote?.find((other) => isSameWrite(version, other));
    if (twin !== undefined) merged.push(oneVersion(version, twin));
    else if (isUnseen(version, remoteClock)) merged.push(version);
  }
  for (const version of remote ?? []) {
    const isShared = local?.some((other) => isSameWrite(version, other)) ?? false;
    if (!isShared && isUnseen(version, localClock)) merged.push(version);
  }
  if (merged.length === 0) return undefined;
  merged.sort(byPrecedence);
  const isUnchanged =
    merged.length === local?.length && merged.every((version, index) => version === local[index]);
  return isUnchanged ? local : merged;
}

function isSameWrite(left: Version, right: Version): boolean {
  return sameDot(left.dot, right.dot) || (left.request !== undefined && left.request === right.request);
}

/** The version of greater precedence, with the dots of both; `left` itself where that has them already. */
function oneVersion(left: Version, right: Version): Version {
  const first = byPrecedence(left, right) <= 0 ? left : right;
  const aliases = aliasesOf(first.dot, [...dotsOfVersion(left), ...dotsOfVersion(right)]);
  if (aliases.length === (first.aliases?.length ?? 0)) return first;
  return { ...first, aliases };
}

function dotsOfVersion({ dot, aliases }: Version): readonly Dot[] {
  return aliases === undefined ? [dot] : [dot, ...aliases];
}

/** The dots but for `dot`, sorted, each once. */
function aliasesOf(dot: Dot, dots: readonly Dot[]): Dot[] {
  const others = dots.filter((each) => !sameDot(each, dot));
  return others
    .filter((each, index) => others.findIndex((other) => sameDot(each, other)) === index)
    .sort(byReplica);
}

function byReplica(left: Dot, right: Dot): number {
  if (left.replica === right.replica) return left.counter - right.counter;
  return left.replica < right.replica ? -1 : 1;
}

function byPrecedence(left: Version, right: Version): number {
  if (left.timestamp !== right.timestamp) return right.timestamp - left.timestamp;
  if (left.dot.replica === right.dot.replica) return right.dot.counter - left.dot.counter;
  return left.dot.replica > right.dot.replica ? -1 : 1;
}
