import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import { containsDot, covers, withDot, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { Update } from '../../src/core/update.js';
import { UpdateFeed } from '../../src/driver/updateFeed.js';
import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { put, update, vector } from '../support/builders.js';
import {
  closureOf,
  clockOf,
  history,
  historyOf,
  inOtherOrder,
  order,
  someUpdates,
} from '../support/causalHistory.js';

const noPause = { giveWay: () => Promise.resolve() };

function logOf(updates: readonly Update[]): MemoryUpdateLog {
  const log = new MemoryUpdateLog();
  for (const each of updates) log.append(each);
  return log;
}

function feedOf(log: Pick<MemoryUpdateLog, 'read'>, after: VersionVector = vector()): UpdateFeed {
  return new UpdateFeed({ log, time: noPause }, after);
}

async function take(feed: UpdateFeed, durable: VersionVector, count = Infinity): Promise<Update[]> {
  const taken: Update[] = [];
  if (count === 0) return taken;
  for await (const each of feed.upTo(durable)) if (taken.push(each) >= count) break;
  return taken;
}

const names = (updates: readonly Update[]): string[] => updates.map(({ dot }) => formatDot(dot));

/** Each comes after all of the others that it depends on, and after the earlier ones of its replica. */
function expectCausalOrder(updates: readonly Update[]): void {
  let seen: VersionVector = new Map();
  const all = clockOf(updates);
  for (const { dot, dependencies } of updates) {
    const within = new Map([...dependencies].filter(([replica]) => all.has(replica)));
    for (const [replica, counter] of within) {
      const isAmong = updates.some((each) => each.dot.replica === replica && each.dot.counter === counter);
      if (isAmong) expect(containsDot(seen, { replica, counter }), formatDot(dot)).toBe(true);
    }
    expect((seen.get(dot.replica) ?? 0) < dot.counter).toBe(true);
    seen = withDot(seen, dot);
  }
}

it('gives what is durable in an order that respects causality, wherever it begins and in whatever order it was logged', async () => {
  await fc.assert(
    fc.asyncProperty(history, order, someUpdates, someUpdates, async (steps, logged, chosen, known) => {
      const updates = historyOf(steps, false);
      const durable = closureOf(updates, chosen);
      // What a session has seen need not be closed under causality.
      const after = clockOf(known.flatMap((index) => updates[index] ?? []));
      const given = await take(feedOf(logOf(inOtherOrder(durable, logged)), after), clockOf(durable));
      expectCausalOrder(given);
      const expected = durable.filter(({ dot }) => !containsDot(after, dot));
      expect(names(given).sort()).toEqual(names(expected).sort());
    }),
  );
});

it('gives exactly the rest from any position on', async () => {
  await fc.assert(
    fc.asyncProperty(history, someUpdates, fc.nat(40), async (steps, chosen, count) => {
      const durable = closureOf(historyOf(steps, false), chosen);
      const log = logOf(durable);
      const whole = names(await take(feedOf(log), clockOf(durable)));
      const first = feedOf(log);
      const head = names(await take(first, clockOf(durable), Math.min(count, whole.length)));
      const tail = names(await take(feedOf(log, new Map(first.position)), clockOf(durable)));
      expect([...head, ...tail]).toEqual(whole);
    }),
  );
});

it('respects causality also where what is durable grows while it gives', async () => {
  await fc.assert(
    fc.asyncProperty(history, someUpdates, async (steps, chosen) => {
      const updates = historyOf(steps, false);
      const log = logOf(updates);
      const feed = feedOf(log);
      const given = await take(feed, clockOf(closureOf(updates, chosen)));
      given.push(...(await take(feed, clockOf(updates))));
      expectCausalOrder(given);
      expect(given).toHaveLength(updates.length);
      expect(covers(feed.position, log.clock)).toBe(true);
    }),
  );
});

it('gives nothing of what its position contains, also where that is beyond the log', async () => {
  const log = logOf([update('a:1'), update('a:2', { at: 2 }), update('b:1', { at: 3 })]);
  const feed = feedOf(log, vector({ a: 1, b: 5, c: 2 }));
  expect(names(await take(feed, log.clock))).toEqual(['a:2']);
  expect(feed.position).toEqual(vector({ a: 2, b: 5, c: 2 }));
});

it('reads ahead only a batch of each origin, and the next one only when it is needed', async () => {
  const value = 'x'.repeat(1000);
  const log = new MemoryUpdateLog();
  for (let n = 1; n <= 500; n += 1) {
    for (const origin of ['a', 'b']) log.append(update(`${origin}:${n}`, { at: n, do: [put('k', value)] }));
  }
  let read = 0;
  const counting: Pick<MemoryUpdateLog, 'read'> = {
    read: async (...range) => {
      const updates = await log.read(...range);
      read += updates.length;
      return updates;
    },
  };
  let given = 0;
  for await (const each of feedOf(counting).upTo(log.clock)) {
    expect(each.dot.counter).toBe(Math.floor(given / 2) + 1);
    given += 1;
    expect(read - given).toBeLessThanOrEqual(2 * 64);
  }
  expect(given).toBe(1000);
});

it('fails, and gives nothing, where the log no longer holds what follows its position', async () => {
  const log = logOf([update('a:1'), update('b:1', { at: 2 }), update('a:2', { at: 3 })]);
  const feed = feedOf(log);
  await log.truncate(vector({ a: 1 }));
  await expect(take(feed, log.clock)).rejects.toMatchObject({ code: 'KVC_E_LOG_TRUNCATED' });
  expect(feed.position).toEqual(vector());
  feed.jump(vector({ a: 1 }));
  expect(names(await take(feed, log.clock))).toEqual(['b:1', 'a:2']);
});
