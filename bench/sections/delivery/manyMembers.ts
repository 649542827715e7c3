import type { ReplicaId } from '../../../src/core/ids.js';
import type { Replica } from '../../../src/core/replica.js';
import type { Update } from '../../../src/core/update.js';
import type { Goal } from '../../measure/report.js';
import { summarise, summariseRatios } from '../../measure/statistics.js';
import type { Findings } from '../section.js';
import { batchUpdates, keyCount, membersOf, receiverOf, secondsToTake, updateOf } from './receiver.js';

const memberCounts = [3, 100, 1000] as const;
const messagesOfRound = 300;
/** For the compiler, and until every vector has an entry of everyone. */
const warmUpRounds = Math.ceil(Math.max(...memberCounts) / messagesOfRound) + 1;

interface Case {
  readonly members: number;
  readonly feed: SharedFeed;
  readonly replica: Replica;
  readonly perSecond: number[];
}

/** What a link gives for a batch that was written at once: all its updates depend on the same, and share one vector in memory. */
class SharedFeed {
  readonly #writers: readonly ReplicaId[];
  readonly #clock = new Map<ReplicaId, number>();
  #written = 0;
  #message = 0;

  constructor(members: readonly ReplicaId[]) {
    this.#writers = members.slice(1);
  }

  get written(): number {
    return this.#written;
  }

  next(messages: number): Update[][] {
    return Array.from({ length: messages }, () => this.#batch());
  }

  #batch(): Update[] {
    const writer = this.#writers[this.#message % this.#writers.length];
    if (writer === undefined) throw new RangeError('there is nobody who writes');
    this.#message += 1;
    const dependencies: Map<ReplicaId, number> = new Map(this.#clock);
    dependencies.delete(writer);
    const first = (this.#clock.get(writer) ?? 0) + 1;
    this.#clock.set(writer, first + batchUpdates - 1);
    return Array.from({ length: batchUpdates }, (_, index) => {
      this.#written += 1;
      return updateOf(writer, first + index, dependencies, `key${this.#written % keyCount}`);
    });
  }
}

/** The same with many replicas, of whom one after the other writes a batch that depends on all batches before it. */
export function measureManyMembers(rounds: number): Findings {
  const cases = memberCounts.map((count): Case => {
    const members = membersOf(count);
    return {
      members: count,
      feed: new SharedFeed(members),
      replica: receiverOf(members, batchUpdates),
      perSecond: [],
    };
  });
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const { feed, replica, perSecond } of cases) {
      const messages = feed.next(messagesOfRound);
      const seconds = secondsToTake(replica, messages, round);
      if (round >= 0) perSecond.push((messagesOfRound * batchUpdates) / seconds);
    }
  }
  return findings(cases);
}

function findings(cases: readonly Case[]): Findings {
  return {
    // The others are goals.
    figures: [{ label: labelOf(1000), unit: 'updates/s', ...summarise(ratesOf(cases, 1000)) }],
    goals: [
      rateGoal(cases, 3, 2_000_000),
      rateGoal(cases, 100, 1_000_000),
      ratioGoal(cases, 100, 3, 0.5),
      ratioGoal(cases, 1000, 100, 0.5),
    ],
    notes: [
      'batches: what a link gives for writes that were accepted together, of one replica after the other',
    ],
    faults: cases.flatMap(({ members, replica, feed }) => {
      const delivered = [...replica.clock.values()].reduce((sum, counter) => sum + counter, 0);
      return delivered === feed.written ? [] : [`${members} replicas: not all updates were delivered`];
    }),
  };
}

function labelOf(members: number): string {
  return `${members.toLocaleString('en-US')} replicas, batches`;
}

function rateGoal(cases: readonly Case[], members: number, target: number): Goal {
  const rates = ratesOf(cases, members);
  return { label: labelOf(members), unit: 'updates/s', bound: 'at least', target, ...summarise(rates) };
}

function ratioGoal(cases: readonly Case[], above: number, below: number, target: number): Goal {
  return {
    label: `batches: ${above.toLocaleString('en-US')} replicas / ${below}`,
    unit: 'x',
    bound: 'at least',
    target,
    ...summariseRatios(ratesOf(cases, above), ratesOf(cases, below)),
  };
}

function ratesOf(cases: readonly Case[], members: number): readonly number[] {
  return cases.find((each) => each.members === members)?.perSecond ?? [];
}
