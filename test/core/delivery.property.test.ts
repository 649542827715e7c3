import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import { counterOf, emptyVector } from '../../src/core/clock/versionVector.js';
import { Delivery } from '../../src/core/delivery.js';
import type { Update } from '../../src/core/update.js';
import { id, put } from '../support/builders.js';
import { TestKeyspace, TestRequests } from '../support/memoryState.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { nothingDelivered } from '../support/stepDriver.js';

const roomy = { pendingMax: 100_000, pendingBytesMax: 1_000_000 };

function deliveryInto(keys: TestKeyspace, limits = roomy): Delivery {
  const state = { keys, requests: new TestRequests() };
  return new Delivery({ mode: 'causal', limits, founders: [] }, state, nothingDelivered);
}

/** Updates of several origins, each depending on what some reader with its own pace had seen; in an order of creation. */
function someHistory(random: SeededRandom, origins: number, length: number): Update[] {
  const members = Array.from({ length: origins }, (_, index) => id(`node${index + 1}`));
  const written = new Map(members.map((member) => [member, 0]));
  return Array.from({ length }, (_, index) => {
    const replica = random.pick(members);
    const counter = counterOf(written, replica) + 1;
    const seen = members
      .filter((member) => member !== replica)
      .map((member) => [member, random.between(0, counterOf(written, member))] as const)
      .filter(([, upTo]) => upTo > 0);
    written.set(replica, counter);
    return {
      dot: { replica, counter },
      dependencies: new Map(seen),
      timestamp: index + 1,
      operations: [put(random.pick(['x', 'y']), String(index))],
    };
  });
}

function shuffledWithRepeats(random: SeededRandom, updates: readonly Update[]): Update[] {
  const repeated = [...updates, ...updates.filter(() => random.chance(0.3))];
  return repeated
    .map((update) => ({ update, rank: random.next() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ update }) => update);
}

/** The rule of delivery as it is written down: look at all that waits, again and again, until nothing moves. */
class DumbScan {
  readonly clock = new Map(emptyVector);
  waiting: Update[] = [];

  offer(update: Update): string[] {
    if (update.dot.counter <= counterOf(this.clock, update.dot.replica)) return [];
    if (this.waiting.some((each) => formatDot(each.dot) === formatDot(update.dot))) return [];
    this.waiting.push(update);
    const delivered: string[] = [];
    for (let next = this.#deliverable(); next !== undefined; next = this.#deliverable()) {
      this.clock.set(next.dot.replica, next.dot.counter);
      this.waiting.splice(this.waiting.indexOf(next), 1);
      delivered.push(formatDot(next.dot));
    }
    return delivered;
  }

  #deliverable(): Update | undefined {
    return this.waiting.find(
      ({ dot, dependencies }) =>
        counterOf(this.clock, dot.replica) === dot.counter - 1 &&
        [...dependencies].every(([replica, counter]) => counterOf(this.clock, replica) >= counter),
    );
  }
}

it('the index of pending updates delivers what a dumb scan delivers, at the same moment, in a causal order', () => {
  let waited = 0;
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 60 }),
      (seed, origins, length) => {
        const random = new SeededRandom(seed);
        const history = someHistory(random, origins, length);
        const keysInOrder = new TestKeyspace();
        const inOrder = deliveryInto(keysInOrder);
        for (const update of history) inOrder.offer(update, 0, []);

        const keys = new TestKeyspace();
        const fast = deliveryInto(keys);
        const dumb = new DumbScan();
        const shown = new Map(emptyVector);
        for (const update of shuffledWithRepeats(random, history)) {
          const delivered: Update[] = [];
          fast.offer(update, 0, delivered);
          expect(delivered.map(({ dot }) => formatDot(dot)).sort()).toEqual(dumb.offer(update).sort());
          for (const { dot, dependencies } of delivered) {
            expect(dot.counter).toBe(counterOf(shown, dot.replica) + 1);
            for (const [replica, counter] of dependencies) {
              expect(counterOf(shown, replica)).toBeGreaterThanOrEqual(counter);
            }
            shown.set(dot.replica, dot.counter);
          }
          expect(fast.pending.size).toBe(dumb.waiting.length);
          expect(fast.clock).toEqual(dumb.clock);
          waited += fast.pending.size;
        }
        expect(fast.pending.size).toBe(0);
        expect(fast.facts()).toEqual(inOrder.facts());
        expect(keys.versions).toEqual(keysInOrder.versions);
      },
    ),
    { numRuns: 300 },
  );
  expect(waited).toBeGreaterThan(0);
});

it('what a full buffer refuses is delivered in the end, when it is offered again', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, pendingMax) => {
      const random = new SeededRandom(seed);
      let left = shuffledWithRepeats(random, someHistory(random, 3, 40));
      const delivery = deliveryInto(new TestKeyspace(), { ...roomy, pendingMax });
      for (let round = 0; left.length > 0; round += 1) {
        expect(round).toBeLessThan(100);
        left = left.filter((update) => delivery.offer(update, 0, []) === 'refused');
        refused += left.length;
        expect(delivery.pending.size).toBeLessThanOrEqual(pendingMax);
      }
      expect(delivery.pending.size).toBe(0);
    }),
    { numRuns: 100 },
  );
  expect(refused).toBeGreaterThan(0);
});
