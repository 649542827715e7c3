import { compareDots, sameDot, type Dot } from '../../src/core/clock/dot.js';
import { containsDot } from '../../src/core/clock/versionVector.js';
import type { Operation, Update } from '../../src/core/update.js';
import type { Version } from '../../src/core/versions.js';

/*
 * What a key holds where these updates are delivered, said once more as sentences about the set of them: without any order of
 * delivery, any state, and anything forgotten. Each update has at most one operation per key.
 */

/** One operation on the key, with the update that it is part of. */
interface Change {
  readonly update: Update;
  readonly operation: Operation;
}

export function specifiedAt(updates: readonly Update[], key: string): Version[] {
  const changes = updates.flatMap((update) =>
    update.operations
      .filter((operation) => operation.key === key)
      .map((operation): Change => ({ update, operation })),
  );
  const values = registers(changes);
  const versions = [
    ...values,
    ...echoes(changes, values),
    ...members(changes),
    ...traces(changes),
    ...counters(changes, updates),
  ];
  return versions.sort(byPrecedence);
}

/** A value or tombstone is there until a put or delete has seen one of the dots of its write. */
function registers(changes: readonly Change[]): Version[] {
  return groupsOf(changes.filter(isRegisterWrite)).flatMap((group): Version[] => {
    const isReplaced = changes.some((other) => isRegisterWrite(other) && hasSeenGroup(other, group));
    if (isReplaced) return [];
    const [{ operation }] = group;
    const expiredBy = changes
      .filter(
        ({ operation: other }) =>
          other.kind === 'expire' && group.some((each) => sameDot(each.update.dot, other.dot)),
      )
      .map(({ update }) => update.dot)
      .sort(compareDots);
    const expiresMs = operation.kind === 'put' ? operation.expiresMs : undefined;
    return [
      {
        ...originOf(group),
        value: operation.kind === 'put' && expiredBy.length === 0 ? operation.value : null,
        ...(expiresMs === undefined ? {} : { expiresMs }),
        ...(expiredBy.length === 0 ? {} : { expiredBy }),
      },
    ];
  });
}

/** An addition is there until a put, a delete, or an addition or removal of the same member has seen one of its dots. */
function members(changes: readonly Change[]): Version[] {
  return groupsOf(changes.filter(({ operation }) => operation.kind === 'add')).flatMap((group): Version[] => {
    const [{ operation }] = group;
    if (operation.kind !== 'add') return [];
    const isReplaced = changes.some(
      (other) =>
        hasSeenGroup(other, group) &&
        (isRegisterWrite(other) || (isOfSet(other.operation) && sameMember(other.operation, operation))),
    );
    return isReplaced ? [] : [{ ...originOf(group), kind: 'member', member: operation.member }];
  });
}

/** The trace of a removal is there until a put, delete, addition or removal has seen it. */
function traces(changes: readonly Change[]): Version[] {
  return changes
    .filter(({ operation }) => operation.kind === 'remove')
    .filter(
      (removal) =>
        !changes.some(
          (other) => (isRegisterWrite(other) || isOfSet(other.operation)) && hasSeenGroup(other, [removal]),
        ),
    )
    .map(({ update: { dot, timestamp } }) => ({ kind: 'trace', dot, timestamp }));
}

/** Of a put or delete that no other one has seen an echo is there, where its write is gone by another dot. */
function echoes(changes: readonly Change[], left: readonly Version[]): Version[] {
  const isLeft = (dot: Dot): boolean =>
    left.some((version) => [version.dot, ...(version.aliases ?? [])].some((each) => sameDot(each, dot)));
  return changes
    .filter(isRegisterWrite)
    .filter((write) => !changes.some((other) => isRegisterWrite(other) && hasSeenGroup(other, [write])))
    .map(({ update: { dot } }) => dot)
    .filter((dot) => !isLeft(dot))
    .map((dot) => ({ dot, timestamp: 1, value: null, expiresMs: 1, expiredBy: [dot] }));
}

/** An increment counts if every put and delete of the key is in its past. */
function counters(changes: readonly Change[], updates: readonly Update[]): Version[] {
  const writes = changes.filter(isRegisterWrite);
  const parts = new Map<string, Extract<Version, { kind: 'counter' }>>();
  for (const { update, operation } of changes) {
    if (operation.kind !== 'increment') continue;
    const past = pastOf(update, updates);
    if (!writes.every((each) => past.has(each.update))) continue;
    const { dot, timestamp } = update;
    const known = parts.get(dot.replica);
    const total = (known?.total ?? 0) + operation.amount;
    const last = known !== undefined && known.dot.counter > dot.counter ? known : { dot, timestamp };
    parts.set(dot.replica, { kind: 'counter', dot: last.dot, timestamp: last.timestamp, total });
  }
  return [...parts.values()];
}

function pastOf(update: Update, updates: readonly Update[]): Set<Update> {
  const past = new Set<Update>();
  const look = (later: Update): void => {
    for (const each of updates) {
      if (past.has(each) || !hasSeenDot(later, each.dot)) continue;
      past.add(each);
      look(each);
    }
  };
  look(update);
  return past;
}

/** Updates with one request id are one write. */
function groupsOf(changes: readonly Change[]): [Change, ...Change[]][] {
  const groups = new Map<string, [Change, ...Change[]]>();
  for (const change of changes) {
    const group = groups.get(change.update.request ?? '');
    if (group === undefined) groups.set(change.update.request ?? '', [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

function originOf(group: readonly Change[]) {
  const [first, ...others] = group.map(({ update }) => update).sort(byPrecedence);
  const { dot, timestamp, request } = first!;
  const aliases = others.map((each) => each.dot).sort(compareDots);
  return { dot, timestamp, request: request!, ...(aliases.length === 0 ? {} : { aliases }) };
}

function isRegisterWrite({ operation: { kind } }: Change): boolean {
  return kind === 'put' || kind === 'delete';
}

function isOfSet(operation: Operation): operation is Extract<Operation, { kind: 'add' | 'remove' }> {
  return operation.kind === 'add' || operation.kind === 'remove';
}

function sameMember(left: { readonly member: Uint8Array }, right: { readonly member: Uint8Array }): boolean {
  return left.member[0] === right.member[0];
}

function hasSeenGroup(change: Change, group: readonly Change[]): boolean {
  return !group.includes(change) && group.some(({ update }) => hasSeenDot(change.update, update.dot));
}

function hasSeenDot({ dot: own, dependencies }: Update, dot: Dot): boolean {
  if (dot.replica === own.replica) return dot.counter < own.counter;
  return containsDot(dependencies, dot);
}

function byPrecedence(
  left: Pick<Version, 'dot' | 'timestamp'>,
  right: Pick<Version, 'dot' | 'timestamp'>,
): number {
  return right.timestamp - left.timestamp || -compareDots(left.dot, right.dot);
}
