import { formatDot, type Dot } from '../core/clock/dot.js';
import { containsDot } from '../core/clock/versionVector.js';
import { isSetOperation, type Operation } from '../core/update.js';
import { hasSeen } from '../core/seen.js';
import type { Versions } from '../core/versions.js';
import type { AcceptedWrite } from './acceptedWrite.js';

const decoder = new TextDecoder();

interface Change {
  readonly write: AcceptedWrite;
  readonly operation: Operation;
}

/**
 * The specification of what merges: what of a counter and a set a key holds where exactly some writes are shown. An increment counts
 * if its replica had every put and delete of the key that is shown; an addition is there until a put, a delete, or an addition or
 * removal of the same member has seen it. Such a one has seen what its replica had, but for a put or delete that found the addition
 * gone there already: it has seen what its client has.
 * @param shown - the writes of the key that are shown
 * @param all - all writes of the key
 */
export function expectedMerged(
  key: string,
  shown: readonly AcceptedWrite[],
  all: readonly AcceptedWrite[],
): string {
  const changes = changesOf(key, shown);
  return textOf(expectedCounter(changes), expectedMembers(changes, changesOf(key, all)));
}

function changesOf(key: string, writes: readonly AcceptedWrite[]): Change[] {
  return writes.flatMap((write) =>
    write.update.operations
      .filter((operation) => operation.key === key)
      .map((operation): Change => ({ write, operation })),
  );
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

function expectedMembers(changes: readonly Change[], all: readonly Change[]): [string, readonly Dot[]][] {
  const groups = new Map<string, { member: string; changes: Change[] }>();
  for (const change of changes) {
    if (change.operation.kind !== 'add') continue;
    const member = decoder.decode(change.operation.member);
    const name = `${member} ${nameOf(change)}`;
    const group = groups.get(name) ?? { member, changes: [] };
    group.changes.push(change);
    groups.set(name, group);
  }
  return [...groups.values()]
    .filter(({ member, changes: group }) => !changes.some((taker) => takes(taker, member, group, all)))
    .map(({ member, changes: group }) => [member, group.map(({ write }) => write.update.dot)]);
}

/** Whether a change takes away an addition, which may have been made by several updates. */
function takes(taker: Change, member: string, group: readonly Change[], all: readonly Change[]): boolean {
  if (group.some((each) => nameOf(each) === nameOf(taker)) || !mayTake(taker, member)) return false;
  const had = group.filter(({ write }) => hadAtHand(taker.write, write));
  if (had.length === 0) return false;
  if (isSetOperation(taker.operation)) return true;
  if (had.some(({ write }) => hasSeen(taker.write.update, write.update.dot))) return true;
  // Those that a taker had at hand are fewer each time.
  return !all.some((other) => hadAtHand(taker.write, other.write) && takes(other, member, group, all));
}

function mayTake({ operation }: Change, member: string): boolean {
  if (isSetOperation(operation)) return decoder.decode(operation.member) === member;
  return operation.kind === 'put' || operation.kind === 'delete';
}

/** What the updates have in common that one write of a client became. */
function nameOf({ write: { update } }: Change): string {
  return update.request ?? formatDot(update.dot);
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
