import { emptyVector } from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Replica } from '../../src/core/replica.js';
import type { Update } from '../../src/core/update.js';
import type { Figure, Goal, Report } from '../measure/report.js';
import { summarise, summariseRatios } from '../measure/statistics.js';
import { measureManyMembers } from './delivery/manyMembers.js';
import {
  batchUpdates,
  keyCount,
  membersOf,
  message,
  receiverOf,
  secondsToTake,
  updateOf,
} from './delivery/receiver.js';
import type { SectionOptions } from './section.js';

const memberCounts = [3, 10, 50] as const;
const pendingCounts = [0, 1000, 100_000] as const;

/** One replica that is fed, with so many updates pending that nothing it is fed can free. */
interface Case {
  readonly members: number;
  readonly pending: number;
  readonly replica: Replica;
  readonly perSecond: number[];
}

/**
 * How many received updates a replica delivers per second, in one thread and without I/O: messages of 100 updates, each
 * depending on all that was delivered before it, which is what writes without a session do. In processor time, because
 * nothing here waits, and other processes are then not measured.
 */
export function benchDelivery({ quick }: SectionOptions): Promise<Report> {
  const rounds = quick ? 3 : 15;
  const cases = memberCounts.flatMap((members) => {
    const feed = new Feed(members);
    const group = pendingCounts.map((pending) => newCase(feed, pending));
    // The first rounds are for the compiler.
    for (let round = -2; round < rounds; round += 1) measureRound(feed, group, round);
    return group;
  });
  const many = measureManyMembers(rounds);
  return Promise.resolve({
    name: 'delivery',
    title: `updates per second of processor time that the core delivers, in messages of ${batchUpdates}, ${keyCount} keys`,
    figures: [...cases.map(figureOf), ...many.figures],
    goals: [...memberCounts.map((members) => flatness(members, cases)), ...many.goals],
    notes: [
      'with pending updates: every update depends on the latest one of every other replica, the worst case of its length',
      ...many.notes,
    ],
    faults: [
      ...cases.flatMap(({ members, pending, replica }) =>
        replica.pending.size === pending ? [] : [`${members} replicas: not ${pending} updates were pending`],
      ),
      ...many.faults,
    ],
  });
}

/** The same messages for every case of a round, in turns, so that what disturbs one disturbs its neighbours. */
function measureRound(feed: Feed, cases: readonly Case[], round: number): void {
  const messages = feed.next(feed.members.length > 10 ? 50 : 300);
  const turned = cases.map((_, index) => cases[(index + round + cases.length) % cases.length]);
  for (const each of turned) {
    if (each === undefined) continue;
    const seconds = secondsToTake(each.replica, messages, round);
    if (round >= 0) each.perSecond.push((messages.length * batchUpdates) / seconds);
  }
}

/** Writes of every replica but the first, which receives them, and the last, which the pending updates wait for. */
class Feed {
  readonly members: readonly ReplicaId[];
  readonly #clock = new Map<ReplicaId, number>();
  #written = 0;

  constructor(members: number) {
    this.members = membersOf(members);
  }

  get absent(): ReplicaId {
    return this.#member(this.members.length - 1);
  }

  next(messages: number): Update[][] {
    const writers = this.members.slice(1, -1);
    return Array.from({ length: messages }, () =>
      Array.from({ length: batchUpdates }, () => this.#update(writers[this.#written % writers.length])),
    );
  }

  #update(replica = this.#member(0)): Update {
    const dependencies: Map<ReplicaId, number> = new Map(this.#clock);
    dependencies.delete(replica);
    const counter = (this.#clock.get(replica) ?? 0) + 1;
    this.#clock.set(replica, counter);
    this.#written += 1;
    return updateOf(replica, counter, dependencies, `key${this.#written % keyCount}`);
  }

  #member(index: number): ReplicaId {
    const member = this.members[index];
    if (member === undefined) throw new RangeError(`there is no member ${index}`);
    return member;
  }
}

function newCase(feed: Feed, pending: number): Case {
  const replica = receiverOf(feed.members, pending + 1);
  const updates = Array.from({ length: pending }, (_, index) =>
    updateOf(feed.absent, index + 2, emptyVector, 'waits'),
  );
  replica.step(message(feed.absent, updates), 0);
  return { members: feed.members.length, pending, replica, perSecond: [] };
}

function figureOf({ members, pending, perSecond }: Case): Figure {
  const label = `${members} replicas, ${pending.toLocaleString('en-US')} pending`;
  return { label, unit: 'updates/s', ...summarise(perSecond) };
}

function flatness(members: number, cases: readonly Case[]): Goal {
  const rates = (pending: number) =>
    cases.find((each) => each.members === members && each.pending === pending)?.perSecond ?? [];
  return {
    label: `${members} replicas: 100,000 pending / none`,
    unit: 'x',
    bound: 'at least',
    target: 0.8,
    ...summariseRatios(rates(100_000), rates(0)),
  };
}
