import { sameDot, type Dot } from '../../src/core/clock/dot.js';
import { mergeVectors } from '../../src/core/clock/versionVector.js';
import { mergeMembers } from '../../src/core/member.js';
import { mergeVersions } from '../../src/core/mergeVersions.js';
import type { RequestId } from '../../src/core/update.js';
import type { Version, Versions } from '../../src/core/versions.js';
import type { Snapshot } from './virtualDisk.js';

/** The state of a replica that has delivered what either of two has. */
export function mergeSnapshots(local: Snapshot, remote: Snapshot): Snapshot {
  const requests = mergeRequests(local, remote);
  const dotsOf = (version: Version): readonly Dot[] => [
    version.dot,
    ...(version.aliases ?? []),
    ...(version.request === undefined ? [] : (requests.get(version.request) ?? [])),
  ];
  const versions = new Map<string, Versions>();
  const { clock: localClock } = local.facts;
  const { clock: remoteClock } = remote.facts;
  for (const key of new Set([...local.versions.keys(), ...remote.versions.keys()])) {
    const [left, right] = [local.versions.get(key), remote.versions.get(key)];
    const merged = mergeVersions(left, localClock, right, remoteClock, dotsOf);
    if (merged !== undefined) versions.set(key, merged);
  }
  const all = [...versions.values()];
  const facts = {
    clock: mergeVectors(localClock, remoteClock),
    timestamp: Math.max(local.facts.timestamp, remote.facts.timestamp),
    liveKeys: all.filter(([winner]) => winner?.value !== null).length,
    conflictedKeys: all.filter(({ length }) => length > 1).length,
    members: mergeMembers(local.facts.members, remote.facts.members),
  };
  return { facts, versions, requests };
}

function mergeRequests(local: Snapshot, remote: Snapshot): Map<RequestId, readonly Dot[]> {
  const merged = new Map(local.requests);
  for (const [request, dots] of remote.requests) {
    const known = merged.get(request) ?? [];
    merged.set(request, [...known, ...dots.filter((dot) => !known.some((each) => sameDot(each, dot)))]);
  }
  return merged;
}
