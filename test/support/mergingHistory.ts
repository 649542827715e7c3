import fc from 'fast-check';
import type { Dot } from '../../src/core/clock/dot.js';
import {
  containsDot,
  covers,
  emptyVector,
  mergeVectors,
  withDot,
  type VersionVector,
} from '../../src/core/clock/versionVector.js';
import { Delivery } from '../../src/core/delivery.js';
import { commonPart } from '../../src/core/stability.js';
import type { Operation, Update } from '../../src/core/update.js';
import { clockOf, type State } from './causalHistory.js';
import { id } from './builders.js';
import { TestKeyspace, TestRequests } from './memoryState.js';
import { nothingDelivered } from './stepDriver.js';

/* Random histories of updates of every kind, with the dependencies that replicas give them. */

const replicas = ['a', 'b', 'c', 'd'].map(id);
export const mergingKeys = ['x', 'y'];

const kinds = ['put', 'put for a time', 'delete', 'increment', 'add', 'remove', 'expire'] as const;

interface Step {
  readonly replica: number;
  /** `collect`: all hear of everything, and it forgets what it can. */
  readonly kind: (typeof kinds)[number] | 'retry' | 'hear' | 'collect';
  readonly key: number;
  /** Which other replica, member or earlier update. */
  readonly other: number;
  readonly lateness: number;
  /** Whether it is written in a session, which has seen one earlier update or none, or all that is delivered. */
  readonly inSession: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  replica: fc.nat(replicas.length - 1),
  kind: fc.constantFrom(
    ...kinds,
    ...([
      'increment',
      'add',
      'remove',
      'delete',
      'retry',
      'hear',
      'hear',
      'hear',
      'hear',
      'collect',
    ] as const),
  ),
  key: fc.nat(mergingKeys.length - 1),
  other: fc.nat(50),
  lateness: fc.nat(3),
  inSession: fc.boolean(),
});

/** One replica, with the real rules of delivery, and what it has delivered. */
export class HistoryReplica {
  readonly keys = new TestKeyspace();
  readonly requests = new TestRequests();
  readonly delivery = new Delivery(
    { mode: 'causal', limits: { pendingMax: 1000, pendingBytesMax: 1e6 }, founders: [] },
    { keys: this.keys, requests: this.requests },
    nothingDelivered,
  );
  delivered: Update[] = [];
  forgotten: VersionVector = emptyVector;

  take(update: Update): void {
    this.delivery.offer(update, 0, this.delivered);
  }

  get clock(): VersionVector {
    return new Map(this.delivery.clock);
  }

  /** As `Stability` does it, where all is known at once. */
  collect(others: readonly HistoryReplica[]): void {
    const clocks = others.map(({ clock }) => clock);
    if (!clocks.every((clock) => covers(this.clock, clock))) return;
    this.forgotten = mergeVectors(this.forgotten, commonPart(clocks));
    for (const key of mergingKeys) this.delivery.collect(key, this.forgotten);
  }

  get state(): State {
    return { clock: this.clock, keys: this.keys.versions, requests: this.requests.dots };
  }
}

export interface MergingHistory {
  readonly updates: readonly Update[];
  /** Those that wrote them, and have forgotten some of what can be forgotten. */
  readonly replicas: readonly HistoryReplica[];
}

function playedBy(steps: readonly Step[]): MergingHistory {
  const updates: Update[] = [];
  const all = replicas.map(() => new HistoryReplica());
  for (const each of steps) {
    const self = all[each.replica]!;
    if (each.kind === 'hear') for (const update of all[each.other % all.length]!.delivered) self.take(update);
    else if (each.kind === 'collect') {
      for (const replica of all) for (const update of updates) replica.take(update);
      self.collect(all);
    } else {
      const update = written(each, self, updates);
      if (update === undefined) continue;
      updates.push(update);
      self.take(update);
    }
  }
  // The replicas are too much to be told where a property fails.
  return { updates, replicas: all, [fc.toStringMethod]: () => fc.stringify(updates) } as MergingHistory;
}

function written(each: Step, self: HistoryReplica, updates: readonly Update[]): Update | undefined {
  const { clock, delivered, delivery } = self;
  const replica = replicas[each.replica]!;
  const known = updates.filter(({ operations: [first] }) => first?.kind !== 'expire');
  const repeated = each.kind === 'retry' ? known[each.other % Math.max(1, known.length)] : undefined;
  if (repeated !== undefined && delivered.some(({ request }) => request === repeated.request))
    return undefined;
  const operations = repeated?.operations ?? operationsOf(each, self);
  if (operations.length === 0) return undefined;
  const observed = delivered[each.other % (delivered.length + 1)]?.dot;
  const context = observed === undefined ? emptyVector : withDot(emptyVector, observed);
  const seen = each.inSession && each.kind !== 'expire' ? context : clock;
  const dependencies = new Map(delivery.met.withMerged(operations, seen, () => self.forgotten));
  dependencies.delete(replica);
  return {
    dot: { replica, counter: (clock.get(replica) ?? 0) + 1 },
    dependencies,
    timestamp: Math.max(0, ...delivered.map(({ timestamp }) => timestamp)) + 1 + each.lateness,
    operations,
    request: repeated?.request ?? `${1_700_000_000_000 + updates.length}-r.0123456789abcdef`,
  };
}

function operationsOf({ kind, key: index, other }: Step, { delivery }: HistoryReplica): Operation[] {
  const key = mergingKeys[index]!;
  const value = Uint8Array.of(other);
  switch (kind) {
    case 'put':
      return [{ kind, key, value }];
    case 'put for a time':
      return [{ kind: 'put', key, value, expiresMs: other }];
    case 'delete':
      return [{ kind, key }];
    case 'increment':
      return [{ kind, key, amount: other % 2 === 0 ? other + 1 : -other }];
    case 'add':
    case 'remove':
      return [{ kind, key, member: Uint8Array.of(other % 3) }];
    case 'expire':
      return delivery
        .registersAt(key)
        .filter(({ value: held, expiresMs }) => held !== null && expiresMs !== undefined)
        .map(({ dot }) => ({ kind, key, dot }));
    case 'retry':
    case 'hear':
    case 'collect':
      return [];
  }
}

export const mergingHistory: fc.Arbitrary<MergingHistory> = fc
  .array(step, { minLength: 1, maxLength: 60, size: 'max' })
  .map(playedBy);

/** The chosen updates and all that they depend on, and what that depends on. */
export function pastOfChosen(updates: readonly Update[], chosen: readonly number[]): Update[] {
  const [past, last] = [new Set<Update>(), updates.length - 1];
  for (const index of chosen) if (last >= 0) past.add(updates[index % updates.length]!);
  for (let index = last; index >= 0; index -= 1) {
    const update = updates[index]!;
    const isSeen = [...past].some(
      ({ dot, dependencies }) => containsDot(dependencies, update.dot) || isEarlier(update.dot, dot),
    );
    if (isSeen) past.add(update);
  }
  return updates.filter((update) => past.has(update));
}

function isEarlier(dot: Dot, other: Dot): boolean {
  return dot.replica === other.replica && dot.counter < other.counter;
}

/** What a replica holds that delivers these, in this order. */
export function deliveredInOrder(updates: readonly Update[]): State {
  const replica = new HistoryReplica();
  for (const update of updates) replica.take(update);
  return { ...replica.state, clock: clockOf(updates) };
}
