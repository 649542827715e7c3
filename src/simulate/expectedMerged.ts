import { formatDot, type Dot } from '../core/clock/dot.js';
import { containsDot } from '../core/clock/versionVector.js';
import type { Operation } from '../core/update.js';
import type { Versions } from '../core/versions.js';
import type { AcceptedWrite } from './acceptedWrite.js';

const decoder = new TextDecoder();

interface Change {
  readonly write: AcceptedWrite;
  readonly operation: Operation;
}

/**
 * The specification of what merges: what of a counter and a set a key holds where exactly these writes are shown. An increment counts
 * if its replica had every put and delete of the key that is shown; an addition is there until a put, a delete, or an addition or
 * removal of the same member has seen it, by whose replica it was shown at the key.
 */
export function expectedMerged(writes: readonly AcceptedWrite[], key: string): string {
  const changes = writes.flatMap((write) =>
    write.update.operations
      .filter((operation) => operation.key === key)
      .map((operation): Change => ({ write, operation })),
  );
  return textOf(expectedCounter(changes), expectedMembers(changes));
}

/** The same of what a replica holds. */
export function mergedText(versions: Versions): string {
  const parts = new Map<string, number>();
  const members: [string, readonly Dot[]][] = [];
  for (const version of versions) {
    if (version.kind === 'counter') parts.set(formatDot(version.dot), version.total);
    if (version.kind === 'member')
      members.push([decoder.decode(version.member), [version.dot, ...(version.aliases ?? [])]]);
  }
  return textOf(parts, members);
}

/** How many writes of the one kind there are for which there is one of the other kind, neither of which had the other. */
export function concurrentPairs(
  writes: readonly AcceptedWrite[],
  kind: Operation['kind'],
  otherKind: Operation['kind'],
): number {
  const others = writes.filter(({ update }) => update.operations[0]?.kind === otherKind);
  return writes.filter(
    (write) =>
      write.update.operations[0]?.kind === kind &&
      others.some((other) => !hadAtHand(write, other) && !hadAtHand(other, write)),
  ).length;
}

function expectedCounter(changes: readonly Change[]): Map<string, number> {
  const last = new Map<string, { dot: Dot; total: number }>();
  const registers = changes.filter(({ write, operation }) => isRegisterWrite(write, operation.key));
  for (const { write, operation } of changes) {
    if (operation.kind !== 'increment' || !registers.every((other) => hadAtHand(write, other.write)))
      continue;
    const { dot } = write.update;
    const known = last.get(dot.replica);
    const total = (known?.total ?? 0) + operation.amount;
    last.set(dot.replica, {
      dot: known !== undefined && known.dot.counter > dot.counter ? known.dot : dot,
      total,
    });
  }
  return new Map([...last.values()].map(({ dot, total }) => [formatDot(dot), total]));
}

function expectedMembers(changes: readonly Change[]): [string, readonly Dot[]][] {
  const groups = new Map<string, { member: string; changes: Change[] }>();
  for (const change of changes) {
    if (change.operation.kind !== 'add') continue;
    const { request, dot } = change.write.update;
    const member = decoder.decode(change.operation.member);
    const name = `${member} ${request ?? formatDot(dot)}`;
    const group = groups.get(name) ?? { member, changes: [] };
    group.changes.push(change);
    groups.set(name, group);
  }
  return [...groups.values()]
    .filter(({ member, changes: group }) => !changes.some((other) => isGoneBy(other, member, group)))
    .map(({ member, changes: group }) => [member, group.map(({ write }) => write.update.dot)]);
}

function isGoneBy(other: Change, member: string, group: readonly Change[]): boolean {
  const { operation, write } = other;
  if (operation.kind === 'increment' || operation.kind === 'expire' || group.includes(other)) return false;
  const isOfMember =
    operation.kind === 'put' || operation.kind === 'delete' || decoder.decode(operation.member) === member;
  return isOfMember && group.some((each) => hadAtHand(write, each.write));
}

function isRegisterWrite({ update }: AcceptedWrite, key: string): boolean {
  return update.operations.some(
    (operation) => operation.key === key && (operation.kind === 'put' || operation.kind === 'delete'),
  );
}

/** Whether the replica of a write had another one when it accepted it. */
function hadAtHand({ update, atHand }: AcceptedWrite, { update: { dot } }: AcceptedWrite): boolean {
  return dot.replica === update.dot.replica ? dot.counter < update.dot.counter : containsDot(atHand, dot);
}

function textOf(parts: ReadonlyMap<string, number>, members: readonly [string, readonly Dot[]][]): string {
  const counter = [...parts].map(([dot, total]) => `${dot}+${total}`).sort();
  const set = members.map(([member, dots]) => `${member}@${dots.map(formatDot).sort().join('~')}`).sort();
  return [...counter, ...set].join(' ');
}
