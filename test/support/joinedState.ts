import { sameDot, type Dot } from '../../src/core/clock/dot.js';
import { mergeVectors } from '../../src/core/clock/versionVector.js';
import { mergeVersions } from '../../src/core/mergeVersions.js';
import type { Version, Versions } from '../../src/core/versions.js';
import { byDot, type State } from './causalHistory.js';

/** Two states joined as a store joins them: requests first, then the versions of these keys. */
export function joinedAt(keysOfBoth: readonly string[], left: State, right: State): State {
  const requests = new Map(left.requests);
  for (const [request, dots] of right.requests) {
    const known = requests.get(request) ?? [];
    const added = dots.filter((dot) => !known.some((each) => sameDot(each, dot)));
    requests.set(request, [...known, ...added].sort(byDot));
  }
  const dotsOf = ({ dot, aliases, request }: Version): Dot[] => [
    dot,
    ...(aliases ?? []),
    ...((request === undefined ? undefined : requests.get(request)) ?? []),
  ];
  const keys = new Map<string, Versions>();
  for (const key of keysOfBoth) {
    const versions = mergeVersions(left.keys.get(key), left.clock, right.keys.get(key), right.clock, dotsOf);
    if (versions !== undefined) keys.set(key, versions);
  }
  return { clock: mergeVectors(left.clock, right.clock), keys, requests };
}
