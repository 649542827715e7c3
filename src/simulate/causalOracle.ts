import { formatDot, type Dot } from '../core/clock/dot.js';
import {
  counterOf,
  containsDot,
  covers,
  firstMissing,
  raise,
  type VersionVector,
} from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Operation, RequestId, Update } from '../core/update.js';
import type { RegisterVersion, Versions } from '../core/versions.js';
import type { AcceptedWrite, DotText } from './acceptedWrite.js';
import { expectedMerged, mergedText } from './expectedMerged.js';

const decoder = new TextDecoder();

/** A write, as its client sent it. */
export interface ClientWrite {
  readonly writes: readonly Operation[];
  readonly requestId: RequestId | undefined;
}

/** What one replica shows, as seen from outside. */
export interface View {
  readonly name: string;
  shown: VersionVector;
}

/**
 * Judges a run from what was observed alone: who had seen what when it wrote, and what each replica showed when. It knows
 * nothing of dependencies, of membership, of what is stable. It is also the executable specification of what a key holds:
 * a version survives if and only if no other write of the key that is shown had seen it. A write that its client sent more
 * than once may have several dots; they are one write, which has been seen by whoever has seen one of them.
 */
export class CausalOracle {
  readonly violations: string[] = [];
  /** Updates that are a write which another update was already. */
  twins = 0;
  readonly #byOrigin = new Map<ReplicaId, AcceptedWrite[]>();
  readonly #byKey = new Map<string, AcceptedWrite[]>();
  readonly #acknowledged = new Set<DotText>();
  readonly #expected = new Map<string, string>();

  *[Symbol.iterator](): Generator<AcceptedWrite> {
    for (const writes of this.#byOrigin.values()) yield* writes;
  }

  /** A replica, which shows `view`, gave a write its dot. */
  accepted(update: Update, observed: VersionVector, view: View, atHand = observed): void {
    const { replica, counter } = update.dot;
    const dot = formatDot(update.dot);
    const writes = this.#byOrigin.get(replica) ?? [];
    this.#byOrigin.set(replica, writes);
    if (counter !== writes.length + 1)
      this.violations.push(`${dot} is given as the ${writes.length + 1}th dot`);
    const twins = this.#dotsOf(update);
    if (twins.length > 0) this.twins += 1;
    if (twins.some((twin) => containsDot(view.shown, twin))) {
      this.violations.push(`${dot} is a write that ${view.name} shows already`);
    }
    const past = new Map(observed);
    if (counter > 1) past.set(replica, counter - 1);
    for (const [other, upTo] of [...past]) {
      const last = this.#write({ replica: other, counter: upTo });
      if (last === undefined)
        this.violations.push(`${dot} was written after seeing ${other}:${upTo}, which is lost`);
      if ((last?.update.timestamp ?? 0) >= update.timestamp)
        this.violations.push(`${dot} is dated before ${other}:${upTo}`);
      raise(past, last?.past ?? new Map());
    }
    const write = { update, name: dot, seen: new Map(observed), atHand: new Map(atHand), past };
    writes.push(write);
    for (const key of keysOf(update)) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), write]);
  }

  /** What was accepted under this dot. */
  get(dot: Dot): AcceptedWrite | undefined {
    return this.#write(dot);
  }

  /** All that was written at a key. */
  writesAt(key: string): readonly AcceptedWrite[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Whether a key has a value that wins, where exactly this is shown. */
  hasValue(key: string, shown: VersionVector): boolean {
    const expected = this.expectedVersions(key, shown);
    return expected !== '' && !/^[^ ]*=deleted/.test(expected);
  }

  acknowledged(dot: Dot): void {
    this.#acknowledged.add(formatDot(dot));
  }

  /** How many writes a replica has given a dot. */
  countOf(replica: ReplicaId): number {
    return this.#byOrigin.get(replica)?.length ?? 0;
  }

  /**
   * A crash took the writes of a replica beyond this dot, none of which had left it. Their dots may be given again.
   * @returns those that are lost
   */
  lostBeyond({ replica, counter }: Dot): Update[] {
    const lost = this.#byOrigin.get(replica)?.splice(counter) ?? [];
    for (const write of lost) {
      if (this.#acknowledged.has(write.name))
        this.violations.push(`${write.name} was acknowledged and is lost`);
      for (const key of keysOf(write.update)) {
        const writes = this.#byKey.get(key) ?? [];
        this.#byKey.set(
          key,
          writes.filter((each) => each !== write),
        );
      }
    }
    if (lost.length > 0) this.#expected.clear();
    return lost.map(({ update }) => update);
  }

  /** Every key that was ever written. */
  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  /**
   * Between two steps of a replica a client may look: what it shows then is complete and in order.
   * @returns the keys of the writes that it did not show before
   */
  shows(view: View, clock: VersionVector): Set<string> {
    const keys = new Set<string>();
    for (const [replica, counter] of clock) {
      for (let next = counterOf(view.shown, replica) + 1; next <= counter; next += 1) {
        const dot = { replica, counter: next };
        const write = this.#write(dot);
        if (write === undefined)
          this.violations.push(`${view.name} shows ${formatDot(dot)}, which nobody wrote`);
        for (const key of write === undefined ? [] : keysOf(write.update)) keys.add(key);
        const missing = write && firstMissing(clock, write.past);
        if (missing)
          this.violations.push(`${view.name} shows ${formatDot(dot)} before ${formatDot(missing)}`);
      }
    }
    if (!covers(clock, view.shown))
      this.violations.push(`${view.name} does not show any more what it has shown`);
    view.shown = new Map(clock);
    return keys;
  }

  /** A session that has observed `observed` is answered by a replica. */
  checkSession(view: View, observed: VersionVector): void {
    const missing = firstMissing(view.shown, observed);
    if (missing) this.violations.push(`${view.name} serves a session without ${formatDot(missing)}`);
  }

  checkKey(view: View, key: string, versions: Versions): void {
    const registers = versions.filter((version) => version.kind === undefined);
    const held = `${textOfVersions(registers)} ${mergedText(versions)}`.trim();
    const expected = this.expectedVersions(key, view.shown);
    if (held !== expected) this.violations.push(`${view.name} has ${key} as ${held}, not as ${expected}`);
  }

  /**
   * The specification: what a key holds where exactly these writes are shown, the winner first. But for tombstones with no
   * value behind them, which may be there or not: they decide nothing.
   */
  expectedVersions(key: string, shown: VersionVector): string {
    const all = this.#byKey.get(key) ?? [];
    const writes = all.filter(({ update }) => containsDot(shown, update.dot));
    const shownNames = `${key} ${writes.map(({ name }) => name).join()}`;
    const known = this.#expected.get(shownNames);
    if (known !== undefined) return known;
    const groups = groupsOf(writes.filter((write) => isRegisterWrite(write, key)));
    const left = groups.filter((group) => !groups.some((other) => other !== group && hasSeen(other, group)));
    const expired = new Set(writes.flatMap(({ update }) => expiredBy(update, key)));
    const registers = left.map((group) => versionOf(group, key, expired)).sort(byPrecedence);
    const expected = `${textOfVersions(registers)} ${expectedMerged(key, writes, all)}`.trim();
    this.#expected.set(shownNames, expected);
    return expected;
  }

  /**
   * Keys with writes each of which has seen another one, in a circle: of two that were sent to two nodes each, one may have
   * been seen at the one node, and the other at the other. They replace each other, and none is left.
   */
  circularKeys(): Set<string> {
    const keys = [...this.#byKey].filter(([key, writes]) =>
      hasCircle(groupsOf(writes.filter((write) => isRegisterWrite(write, key)))),
    );
    return new Set(keys.map(([key]) => key));
  }

  /** The updates that a client's write became: none, one, or several where it was sent again. */
  updatesOf({ writes, requestId }: ClientWrite): Update[] {
    const [key = ''] = writes.map((operation) => operation.key);
    const updates = (this.#byKey.get(key) ?? []).map(({ update }) => update);
    return updates.filter(({ operations, request }) =>
      requestId === undefined ? operations === writes : request === requestId,
    );
  }

  #write({ replica, counter }: Dot): AcceptedWrite | undefined {
    return this.#byOrigin.get(replica)?.[counter - 1];
  }

  /** All dots of the write that an update is. */
  #dotsOf({ request, operations }: Update): Dot[] {
    const [key] = operations.map((operation) => operation.key);
    if (request === undefined || key === undefined) return [];
    const writes = this.#byKey.get(key) ?? [];
    return writes.filter(({ update }) => update.request === request).map(({ update }) => update.dot);
  }
}

/** The writes of a key, those that are one write together. */
function groupsOf(writes: readonly AcceptedWrite[]): AcceptedWrite[][] {
  const groups = new Map<string, AcceptedWrite[]>();
  for (const write of writes) {
    const name = write.update.request ?? formatDot(write.update.dot);
    groups.set(name, [...(groups.get(name) ?? []), write]);
  }
  return [...groups.values()];
}

function hasSeen(group: readonly AcceptedWrite[], other: readonly AcceptedWrite[]): boolean {
  return group.some((write) => other.some((each) => hasSeenDot(write, each.update.dot)));
}

/** What nobody has seen is in no circle; without it, the same is true of others. */
function hasCircle(groups: readonly AcceptedWrite[][]): boolean {
  const seen = groups.filter((group) => groups.some((other) => other !== group && hasSeen(other, group)));
  return seen.length === groups.length ? groups.length > 0 : hasCircle(seen);
}

/** What one replica accepts is ordered, so a write has also seen the earlier ones of its replica. */
function hasSeenDot({ update, seen }: AcceptedWrite, dot: Dot): boolean {
  if (dot.replica === update.dot.replica) return dot.counter < update.dot.counter;
  return containsDot(seen, dot);
}

function versionOf(
  group: readonly AcceptedWrite[],
  key: string,
  expired: ReadonlySet<DotText>,
): RegisterVersion {
  const versions = group.map(({ update }): RegisterVersion => {
    const operation = update.operations.findLast((each) => each.key === key);
    const value = operation?.kind === 'put' ? operation.value : null;
    return { dot: update.dot, timestamp: update.timestamp, value };
  });
  const [first, ...others] = versions.sort(byPrecedence);
  if (first === undefined) throw new RangeError('a group has a write');
  const whole = { ...first, aliases: others.map(({ dot }) => dot) };
  const isExpired = group.some(({ name }) => expired.has(name));
  return isExpired ? { ...whole, value: null, expiredBy: [first.dot] } : whole;
}

function byPrecedence(left: RegisterVersion, right: RegisterVersion): number {
  return right.timestamp - left.timestamp || (left.dot.replica < right.dot.replica ? 1 : -1);
}

function isRegisterWrite({ update }: AcceptedWrite, key: string): boolean {
  return update.operations.some(
    (each) => each.key === key && (each.kind === 'put' || each.kind === 'delete'),
  );
}

/** The writes whose values an update makes expire. */
function expiredBy({ operations }: Update, key: string): DotText[] {
  return operations.flatMap((each) =>
    each.kind === 'expire' && each.key === key ? [formatDot(each.dot)] : [],
  );
}

function keysOf(update: Update): Set<string> {
  return new Set(update.operations.map(({ key }) => key));
}

/** What has expired is hidden, and decides nothing. */
function textOfVersions(all: readonly RegisterVersion[]): string {
  const versions = all.filter((version) => version.expiredBy === undefined);
  const end = versions.findLastIndex(({ value }) => value !== null) + 1;
  return versions
    .slice(0, end)
    .map(
      ({ dot, aliases, value }) =>
        `${[dot, ...(aliases ?? [])].map(formatDot).sort().join('~')}=${value === null ? 'deleted' : decoder.decode(value)}`,
    )
    .join(' ');
}
