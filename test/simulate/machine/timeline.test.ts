import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/simulate/machine/seededRandom.js';
import { Livelock, Timeline } from '../../../src/simulate/machine/timeline.js';

const never = (): boolean => false;

describe('Timeline', () => {
  it('runs events by their time, those of one time as they were scheduled, and none that is cancelled', async () => {
    const event = fc.record({ delayMs: fc.nat(20), isCancelled: fc.boolean() });
    const run = async (events: readonly { delayMs: number; isCancelled: boolean }[]): Promise<void> => {
      const timeline = new Timeline(100);
      const happened: [number, number][] = [];
      const timers = events.map(({ delayMs }, index) =>
        timeline.after(delayMs, () => happened.push([timeline.nowMs, index])),
      );
      for (const [index, { isCancelled }] of events.entries()) if (isCancelled) timers[index]!.cancel();
      expect(await timeline.runUntil(never, 1000)).toBe(false);
      const expected = events
        .map(({ delayMs }, index) => [100 + delayMs, index] as [number, number])
        .filter(([, index]) => !events[index]!.isCancelled)
        .sort(([left, first], [right, second]) => left - right || first - second);
      expect(happened).toEqual(expected);
      expect([timeline.nowMs, timeline.events]).toEqual([1000, expected.length]);
    };
    await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 60 }), run), { numRuns: 200 });
  });

  it('lets all asynchronous work of an event end before the next event and before the condition is looked at', async () => {
    const timeline = new Timeline();
    const order: string[] = [];
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      order.push(`worked at ${timeline.nowMs}`);
    };
    timeline.after(1, () => void work());
    timeline.after(1, () => order.push('next'));
    await timeline.runUntil(() => order.length === 1, 10);
    expect(order).toEqual(['worked at 1']);
    await timeline.runUntil(never, 10);
    expect(order).toEqual(['worked at 1', 'next']);
  });

  it('stops at the event with which the condition holds, and goes on from there', async () => {
    const timeline = new Timeline();
    let count = 0;
    for (const delayMs of [1, 2, 3]) timeline.after(delayMs, () => (count += 1));
    expect(await timeline.runUntil(() => count === 2, Infinity)).toBe(true);
    expect(timeline.nowMs).toBe(2);
    expect(await timeline.runUntil(() => count === 4, Infinity)).toBe(false);
    expect([count, timeline.nowMs]).toEqual([3, 3]);
  });

  it('ends a run that goes round in circles', async () => {
    const timeline = new Timeline(0, 100);
    const again = (): void => void timeline.after(0, again);
    again();
    await expect(timeline.runUntil(never, 1)).rejects.toThrow(Livelock);
    expect(timeline.events).toBe(101);
  });

  it('passes on what an event throws', async () => {
    const timeline = new Timeline();
    timeline.after(1, () => {
      throw new Error('found');
    });
    await expect(timeline.runUntil(never, 2)).rejects.toThrow('found');
  });
});

describe('SeededRandom', () => {
  it('forks into streams that do not depend on what was drawn', () => {
    const [one, other] = [new SeededRandom(7), new SeededRandom(7)];
    other.next();
    expect(other.fork('a').next()).toBe(one.fork('a').next());
  });

  it('forks into another stream for every label, every seed, and every fork of a fork', () => {
    const random = new SeededRandom(7);
    const labels = Array.from({ length: 200 }, (_, index) => `node${index}`);
    const forks = labels.flatMap((label) => [random.fork(label), random.fork('x').fork(label)]);
    const firsts = [...forks, ...labels.map((label) => new SeededRandom(8).fork(label))].map((each) =>
      each.next(),
    );
    expect(new Set(firsts).size).toBe(600);
    const mean = firsts.reduce((sum, first) => sum + first, 0) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });

  it('shuffles into each order about as often', () => {
    const random = new SeededRandom(3);
    const seen = new Map<string, number>();
    for (let round = 0; round < 600; round += 1) {
      const order = random.shuffled(['a', 'b', 'c']).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    expect(Math.min(...seen.values())).toBeGreaterThan(60);
  });
});
