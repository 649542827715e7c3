import type { Dot } from './clock/dot.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import { byPrecedence, isSameWrite, oneVersion, type Version, type Versions } from './versions.js';

/**
 * The versions of a key where two states are joined: those that neither side has replaced. A version stays when both have
 * it, or when one has it and the other has seen none of its dots; else the other saw it and has replaced or collected it.
 * Equal to what delivering the updates of both would give, so the join is commutative, associative and idempotent.
 *
 * Of a counter, the further of two states of one replica's part is the one whose dot the other has not seen; a write or delete
 * that one side has not seen takes away all that this side has counted.
 *
 * Source: the join of optimized observed-remove sets (Bieniusa et al., INRIA RR-8083, 2012), whose argument is the same.
 * @param dotsOf - all dots of a version's write: its own, its aliases, and those of its request id in the joined request
 * tables
 * @returns undefined if nothing is left; `local` itself where the join changes nothing, but for writes with several dots
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
  const isLost = (version: Version, others: Versions | undefined, clock: VersionVector): boolean =>
    version.kind === 'counter' &&
    (others?.some((other) => other.kind === undefined && isUnseen(other, clock)) ?? false);
  const merged: Version[] = [];
  for (const version of local ?? []) {
    if (isLost(version, remote, localClock)) continue;
    const twin = remote?.find((other) => isSameWrite(version, other));
    if (twin !== undefined) merged.push(oneVersion(twin, version));
    else if (isUnseen(version, remoteClock)) merged.push(version);
  }
  for (const version of remote ?? []) {
    if (isLost(version, local, remoteClock)) continue;
    const isShared = local?.some((other) => isSameWrite(version, other)) ?? false;
    if (!isShared && isUnseen(version, localClock)) merged.push(version);
  }
  if (merged.length === 0) return undefined;
  merged.sort(byPrecedence);
  const isUnchanged =
    merged.length === local?.length && merged.every((version, index) => version === local[index]);
  return isUnchanged ? local : merged;
}
