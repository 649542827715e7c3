import { sameDot, type Dot } from './clock/dot.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import {
  byPrecedence,
  dotsOf,
  echoOf,
  isEcho,
  isSameWrite,
  noDots,
  oneVersion,
  type Version,
  type Versions,
} from './versions.js';

/**
 * The versions of a key where two states are joined: those that neither side has replaced. A version stays when both have
 * it, or when one has it and the other has seen none of its dots; else the other saw it and has replaced or collected it.
 * Equal to what delivering the updates of both would give, so the join is commutative, associative and idempotent.
 *
 * A joining that a crash interrupted begins anew, with keys that are joined already and the vector of before: they stay.
 *
 * Of a counter, the further of two states of one replica's part is the one whose dot the other has not seen; a write or delete
 * that one side has not seen takes away all that this side has counted.
 *
 * Source: the join of optimized observed-remove sets (Bieniusa et al., INRIA RR-8083, 2012), whose argument is the same.
 * @param writeDotsOf - all dots of a version's write: its own, its aliases, and those of its request id in the joined request
 * tables
 * @returns undefined if nothing is left; `local` itself where the join changes nothing, but for writes with several dots
 */
export function mergeVersions(
  local: Versions | undefined,
  localClock: VersionVector,
  remote: Versions | undefined,
  remoteClock: VersionVector,
  writeDotsOf: (version: Version) => readonly Dot[],
): Versions | undefined {
  const isUnseen = (version: Version, clock: VersionVector): boolean =>
    !writeDotsOf(version).some((dot) => containsDot(clock, dot));
  const merged: Version[] = [];
  for (const version of local ?? []) {
    if (isEcho(version)) continue;
    const twin = remote?.find((other) => isSameWrite(version, other));
    if (twin !== undefined) merged.push(oneVersion(twin, version));
    else if (isUnseen(version, remoteClock) && !isLost(version, remote, localClock)) merged.push(version);
  }
  for (const version of remote ?? []) {
    if (isEcho(version) || isLost(version, local, remoteClock)) continue;
    const isShared = local?.some((other) => isSameWrite(version, other)) ?? false;
    if (!isShared && isUnseen(version, localClock)) merged.push(version);
  }
  const [left, right] = [registerDots(local), registerDots(remote)];
  const kept = registerDots(merged);
  for (const dot of [...unreplaced(left, right, remoteClock), ...unreplaced(right, left, localClock)])
    if (!includes(kept, dot) && !merged.some((each) => sameDot(each.dot, dot))) merged.push(echoOf(dot));
  if (merged.length === 0) return undefined;
  merged.sort(byPrecedence);
  const isUnchanged =
    merged.length === local?.length && merged.every((version, index) => version === local[index]);
  return isUnchanged ? local : merged;
}

/** Whether a put or delete has taken away what counts of a counter, which has not seen it. */
function isLost(version: Version, others: Versions | undefined, clock: VersionVector): boolean {
  return version.kind === 'counter' && registerDots(others).some((dot) => !containsDot(clock, dot));
}

/** The dots of the puts and deletes that no other one has seen. */
function registerDots(versions: Versions | undefined): readonly Dot[] {
  return versions?.flatMap((version) => (version.kind === undefined ? dotsOf(version) : noDots)) ?? noDots;
}

/** Those that the other side has, too, or has not seen. */
function unreplaced(dots: readonly Dot[], others: readonly Dot[], clock: VersionVector): Dot[] {
  return dots.filter((dot) => includes(others, dot) || !containsDot(clock, dot));
}

function includes(dots: readonly Dot[], dot: Dot): boolean {
  return dots.some((each) => sameDot(each, dot));
}
