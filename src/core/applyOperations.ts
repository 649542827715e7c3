import { indexOfBytes, sortedBytes } from './bytes.js';
import { sameDot, type Dot } from './clock/dot.js';
import { addExactly } from './counterRange.js';
import { hasSeen, hasSeenVersion, type Seen } from './seen.js';
import { isSetOperation, type Operation, type SetOperation, type Update } from './update.js';
import {
  byPrecedence,
  dotsOf,
  echoOf,
  isEcho,
  noDots,
  oneVersion,
  withExpiry,
  type CounterVersion,
  type RegisterVersion,
  type Version,
  type Versions,
} from './versions.js';

/**
 * The versions of a key after what `update` does to it. The result is a function of the set of updates delivered, not of
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
 * (dependenciesOf), and a tombstone stays until nothing is under way that has not seen it.
 *
 * An update may be the same write as others that were delivered before: a client that got no answer sent it again, to
 * another replica. The write then has several dots and one version, which goes when any of its dots has been seen. Where
 * it has gone already, it does not come back. Counters are the exception. Two increments count twice. And each put or delete
 * stands for itself: it takes counters away although its twin has before, and has not been seen by who has seen its twin;
 * for the twin did not replace what it has replaced. Where its version is gone, an echo of it stays for that.
 *
 * Changes of a set that follow each other are made in one pass, so that the time taken grows with the set and with the batch,
 * not with one times the other.
 *
 * Source: dotted version vectors (Preguiça et al., 2010), with the context stated once per update instead of per version;
 * for sets the optimized observed-remove set (Bieniusa et al., INRIA RR-8083, 2012).
 * @param operations - those of the update on this key, in their order
 * @param twins - the dots of delivered updates with the same request id
 * @param seen - what the update has seen, where that is more than it says (replicas whose updates all members have)
 * @returns empty if all is replaced and nothing is added
 */
export function applyOperations(
  versions: Versions | undefined,
  update: Update,
  operations: readonly Operation[],
  twins: readonly Dot[] = noDots,
  seen: Seen = update,
): Versions {
  let after = versions ?? noVersions;
  const only = operations.length === 1 ? operations[0] : undefined;
  // Most updates: without what several operations need.
  if (only !== undefined && !isSetOperation(only)) {
    return applied(after, update, only, twins, seen);
  }
  let changes: SetOperation[] = [];
  for (const operation of operations) {
    if (isSetOperation(operation)) {
      changes.push(operation);
      continue;
    }
    after = applied(changed(after, update, changes, twins), update, operation, twins, seen);
    changes = [];
  }
  return changed(after, update, changes, twins);
}

function applied(
  before: Versions,
  update: Update,
  operation: Exclude<Operation, SetOperation>,
  twins: readonly Dot[],
  seen: Seen,
): Versions {
  switch (operation.kind) {
    case 'put':
    case 'delete':
      return written(before, registerOf(update, operation), twins, update);
    case 'increment':
      return incremented(before, update, operation.amount, seen);
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

/** A set after some changes: each looks only at the versions of its own member, and at traces. */
function changed(
  before: Versions,
  update: Update,
  changes: readonly SetOperation[],
  twins: readonly Dot[],
): Versions {
  const last = changes.at(-1);
  if (last === undefined) return before;
  const members = sortedBytes(changes.map(({ member }) => member));
  const versions = versionsOfMembers(before, members);
  for (const { kind, member } of changes) {
    const index = indexOfBytes(members, member);
    const ofMember = versions[index] ?? [];
    versions[index] = kind === 'add' ? added(ofMember, update, member, twins) : removed(ofMember, update);
  }
  const others = before.filter((version) =>
    version.kind === 'trace'
      ? !hasSeenVersion(update, version)
      : version.kind !== 'member' || indexOfBytes(members, version.member) < 0,
  );
  const after = [...others, ...versions.flat()];
  if (last.kind === 'remove') after.push({ dot: update.dot, timestamp: update.timestamp, kind: 'trace' });
  return after.sort(byPrecedence);
}

/** Of each of these members, what there is. */
function versionsOfMembers(versions: Versions, members: readonly Uint8Array[]): Version[][] {
  const found = members.map((): Version[] => []);
  for (const version of versions) {
    if (version.kind === 'member') found[indexOfBytes(members, version.member)]?.push(version);
  }
  return found;
}

function added(
  ofMember: readonly Version[],
  update: Update,
  member: Uint8Array,
  twins: readonly Dot[],
): Version[] {
  const isTwinOf = (each: Version): boolean => isTwin(each, 'member', update);
  const twin = twins.length > 0 ? ofMember.find(isTwinOf) : undefined;
  const survivors = ofMember.filter((each) => each !== twin && !hasSeenVersion(update, each));
  if (twins.length > 0 && twin === undefined) return survivors;
  const { dot, timestamp, request } = update;
  const fresh = { dot, timestamp, kind: 'member', member } as const;
  const version: Version = request === undefined ? fresh : { ...fresh, request };
  return [...survivors, twin === undefined ? version : oneVersion(twin, version)];
}

function removed(ofMember: readonly Version[], update: Update): Version[] {
  return ofMember.filter((addition) => !hasSeenVersion(update, addition));
}

function isTwin(version: Version, kind: Version['kind'], { request }: Update): boolean {
  return version.kind === kind && version.request === request;
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

function registerOf(
  { dot, timestamp, request }: Update,
  operation: Extract<Operation, { kind: 'put' | 'delete' }>,
): RegisterVersion {
  if (operation.kind === 'delete') {
    return request === undefined ? { dot, timestamp, value: null } : { dot, timestamp, request, value: null };
  }
  const { value, expiresMs } = operation;
  if (expiresMs !== undefined) {
    const timed = { dot, timestamp, value, expiresMs };
    return request === undefined ? timed : { ...timed, request };
  }
  return request === undefined ? { dot, timestamp, value } : { dot, timestamp, request, value };
}

const noVersions: Versions = [];
