import { sameBytes } from './bytes.js';
import { sameDot, type Dot } from './clock/dot.js';
import { addExactly } from './counterRange.js';
import { hasSeen, hasSeenVersion, type Seen } from './seen.js';
import type { Operation, Update } from './update.js';
import {
  byPrecedence,
  dotsOf,
  echoOf,
  isEcho,
  noDots,
  oneVersion,
  withExpiry,
  type CounterVersion,
  type Version,
  type Versions,
} from './versions.js';

/**
 * The versions of a key after an operation of `update`. The result is a function of the set of updates delivered, not of
 * their order, which is why replicas converge:
 *
 * - A put or delete replaces the values, tombstones and members that the update has seen; the others stay beside it. Of
 *   counters it takes all away, also what was added concurrently.
 * - An increment counts unless there is a put or delete of the key that it has not seen.
 * - An addition replaces what the update has seen of the same member; so does a removal, which leaves no member but a trace.
 *   A concurrent addition stays: additions win.
 * - An expiry takes away exactly the value of one write.
 *
 * What an update has seen are its dependencies and all earlier updates of its own replica. So that the above holds without
 * any memory of what is gone, an update that changes a counter or set depends on all that its replica holds at the key
 * (Writes), and a tombstone stays until nothing is under way that has not seen it.
 *
 * An update may be the same write as others that were delivered before: a client that got no answer sent it again, to
 * another replica. The write then has several dots and one version, which goes when any of its dots has been seen. Where
 * it has gone already, it does not come back. Counters are the exception. Two increments count twice. And each put or delete
 * stands for itself: it takes counters away although its twin has before, and has not been seen by who has seen its twin;
 * for the twin did not replace what it has replaced. Where its version is gone, an echo of it stays for that.
 *
 * Source: dotted version vectors (Preguiça et al., 2010), with the context stated once per update instead of per version;
 * for sets the optimized observed-remove set (Bieniusa et al., INRIA RR-8083, 2012).
 * @param twins - the dots of delivered updates with the same request id
 * @param seen - what the update has seen, where that is more than it says (replicas whose updates all members have)
 * @returns empty if all is replaced and nothing is added
 */
export function applyOperation(
  versions: Versions | undefined,
  update: Update,
  operation: Operation,
  twins: readonly Dot[] = noDots,
  seen: Seen = update,
): Versions {
  const before = versions ?? [];
  switch (operation.kind) {
    case 'put':
    case 'delete':
      return written(before, versionOf(update, operation), twins, update);
    case 'increment':
      return incremented(before, update, operation.amount, seen);
    case 'add':
      return added(before, versionOf(update, operation), twins, update);
    case 'remove': {
      const isGone = isOfMember(operation.member);
      const rest = before.filter((each) => !(isGone(each) && hasSeenVersion(update, each)));
      return inserted(withoutTraces(rest, update), versionOf(update, operation));
    }
    case 'expire':
      return expired(before, operation.dot, update.dot);
  }
}

function written(before: Versions, version: Version, twins: readonly Dot[], update: Update): Versions {
  const survivors: Version[] = [];
  let twin: Version | undefined;
  for (const other of before) {
    if (other.kind === 'counter') continue;
    if (twins.length > 0 && isTwin(other, undefined, update)) twin = other;
    else if (!hasSeenVersion(update, other)) survivors.push(other);
    else if (other.kind === undefined && other.aliases !== undefined) {
      const unseen = dotsOf(other).filter((dot) => !hasSeen(update, dot));
      survivors.push(...unseen.map(echoOf));
    }
  }
  if (twin !== undefined) return inserted(survivors, oneVersion(twin, version));
  return inserted(survivors, twins.length > 0 ? echoOf(update.dot) : version);
}

function added(before: Versions, version: Version, twins: readonly Dot[], update: Update): Versions {
  if (version.kind !== 'member') return before;
  const isSame = isOfMember(version.member);
  const rest = withoutTraces(before, update);
  const twin =
    twins.length > 0 ? rest.find((each) => isSame(each) && isTwin(each, 'member', update)) : undefined;
  const survivors = rest.filter((each) => each !== twin && !(isSame(each) && hasSeenVersion(update, each)));
  if (twin !== undefined) return inserted(survivors, oneVersion(twin, version));
  return twins.length > 0 ? survivors : inserted(survivors, version);
}

function isTwin(version: Version, kind: Version['kind'], { request }: Update): boolean {
  return version.kind === kind && version.request === request;
}

function isOfMember(member: Uint8Array): (version: Version) => boolean {
  return (version) => version.kind === 'member' && sameBytes(version.member, member);
}

function withoutTraces(versions: readonly Version[], update: Update): Version[] {
  return versions.filter((each) => each.kind !== 'trace' || !hasSeenVersion(update, each));
}

function incremented(before: Versions, update: Update, amount: number, seen: Seen): Versions {
  const isMissed = before.some(
    (each) => each.kind === undefined && !dotsOf(each).every((dot) => hasSeen(seen, dot)),
  );
  if (isMissed) return before;
  const own = before.find((each) => each.kind === 'counter' && each.dot.replica === update.dot.replica);
  const total = addExactly((own as CounterVersion | undefined)?.total ?? 0, amount);
  const counter = { kind: 'counter', dot: update.dot, timestamp: update.timestamp, total } as const;
  return inserted(
    before.filter((each) => each !== own),
    counter,
  );
}

function expired(before: Versions, target: Dot, by: Dot): Versions {
  const isTarget = (version: Version): boolean =>
    !isEcho(version) && dotsOf(version).some((dot) => sameDot(dot, target));
  return before.map((each) => (isTarget(each) ? withExpiry(each, [by]) : each));
}

function inserted(versions: readonly Version[], version: Version): Versions {
  return versions.length === 0 ? [version] : [...versions, version].sort(byPrecedence);
}

function versionOf(update: Update, operation: Exclude<Operation, { kind: 'increment' | 'expire' }>): Version {
  const { dot, timestamp, request } = update;
  const origin = request === undefined ? { dot, timestamp } : { dot, timestamp, request };
  switch (operation.kind) {
    case 'put': {
      const { value, expiresMs } = operation;
      return expiresMs === undefined ? { ...origin, value } : { ...origin, value, expiresMs };
    }
    case 'delete':
      return { ...origin, value: null };
    case 'add':
      return { ...origin, kind: 'member', member: operation.member };
    case 'remove':
      return { dot, timestamp, kind: 'trace' };
  }
}
