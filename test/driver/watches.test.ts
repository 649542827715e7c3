import { expect, it } from 'vitest';
import type { VersionVector } from '../../src/core/clock/versionVector.js';
import type { Update } from '../../src/core/update.js';
import type { Time } from '../../src/driver/time.js';
import type { WatchItem } from '../../src/driver/watch.js';
import { Watches } from '../../src/driver/watches.js';
import { KvcError } from '../../src/errors.js';
import { MemoryKeyStore } from '../../src/storage/memory/memoryKeyStore.js';
import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { Timeline } from '../../src/simulate/machine/timeline.js';
import { someFacts } from '../contracts/keyStore.js';
import { update, vector } from '../support/builders.js';

const stopping = new KvcError('KVC_E_NOT_READY', 'the node stops');

/** The watches of a replica that has delivered, and made durable, what the test appends. */
class Replica {
  readonly log = new MemoryUpdateLog();
  readonly timeline = new Timeline(1000);
  readonly damages: KvcError[] = [];
  readonly watches: Watches;
  cuts = 0;
  durable: VersionVector = vector();
  readError: KvcError | undefined;

  constructor(watchersMax = 100) {
    this.watches = new Watches({
      time: timeOf(this.timeline),
      log: {
        read: (...range) =>
          this.readError === undefined ? this.log.read(...range) : Promise.reject(this.readError),
      },
      limits: { watchersMax },
      durable: () => this.durable,
      cut: async () => {
        const cut = await new MemoryKeyStore().cut({ ...someFacts, clock: this.durable }, Promise.resolve());
        this.cuts += 1;
        const close = (): void => void (this.cuts -= 1);
        return { checkpoint: cut.checkpoint, entries: 0, read: cut.read.bind(cut), close };
      },
      onDamage: (error) => this.damages.push(error),
    });
  }

  append(...updates: Update[]): void {
    for (const each of updates) this.log.append(each);
    this.durable = this.log.clock;
    this.watches.notice();
  }
}

function timeOf(timeline: Timeline): Time {
  return {
    now: () => timeline.nowMs,
    after: (ms, run) => timeline.after(ms, run),
    every: () => ({ cancel: () => undefined }),
    pause: (ms) => new Promise((resolve) => timeline.after(ms, resolve)),
    giveWay: () => Promise.resolve(),
    soon: (run) => void timeline.after(0, run),
  };
}

const told = (item: IteratorResult<WatchItem>): string => {
  const { value } = item as { value: WatchItem };
  return value.kind === 'update' ? `${value.update.dot.replica}:${value.update.dot.counter}` : value.kind;
};

it('sleeps until more is durable, and wakes for nothing else', async () => {
  const replica = new Replica();
  const items = replica.watches.open(undefined).items('');
  expect(told(await items.next())).toBe('ready');
  let next: string | undefined;
  void items.next().then((item) => (next = told(item)));
  replica.watches.notice();
  await replica.timeline.runUntil(() => false, 2000);
  expect(next).toBeUndefined();
  replica.append(update('a:1'));
  await replica.timeline.runUntil(() => next !== undefined, 2000);
  expect(next).toBe('a:1');
});

it('does not sleep on what became durable while it gave something else', async () => {
  const replica = new Replica();
  const other = replica.watches.open(undefined).items('');
  await other.next();
  void other.next();
  replica.append(update('a:1', { at: 1 }));
  const items = replica.watches.open(vector()).items('');
  expect(told(await items.next())).toBe('a:1');
  // Nobody who sleeps takes notice of the first of these for this watch, which is still at a:1.
  replica.append(update('a:2', { at: 2 }));
  expect(told(await items.next())).toBe('ready');
  replica.append(update('a:3', { at: 3 }));
  let next: string | undefined;
  void items.next().then((item) => (next = told(item)));
  await replica.timeline.runUntil(() => next !== undefined, 2000);
  expect(next).toBe('a:2');
  expect(told(await items.next())).toBe('a:3');
});

it('gives a beat every 15 s, whether nothing happens or much', async () => {
  const replica = new Replica();
  const watch = replica.watches.open(undefined);
  const items = watch.items('');
  await items.next();
  const seen: string[] = [];
  void (async () => {
    for await (const { kind } of items) {
      seen.push(`${kind} ${replica.timeline.nowMs}`);
      // So slow a watcher does not sleep.
      if (kind === 'update') await new Promise<void>((resolve) => replica.timeline.after(10_000, resolve));
    }
  })().catch(() => undefined);
  await replica.timeline.runUntil(() => false, 32_000);
  replica.append(...[1, 2, 3].map((n) => update(`a:${n}`, { at: n })));
  await replica.timeline.runUntil(() => false, 61_000);
  expect(seen).toEqual([
    'beat 16000',
    'beat 31000',
    'update 32000',
    'update 42000',
    'beat 52000',
    'update 52000',
  ]);
  watch.end(stopping);
});

it('has a gap where a part of the log is damaged, and says so', async () => {
  const replica = new Replica();
  replica.append(update('a:1'));
  const damage = new KvcError('KVC_E_LOG_CORRUPT', 'it is damaged');
  replica.readError = damage;
  const watch = replica.watches.open(vector());
  const items = watch.items('');
  expect([told(await items.next()), told(await items.next())]).toEqual(['gap', 'ready']);
  expect(replica.damages).toEqual([damage]);
  expect(watch.position).toEqual(vector({ a: 1 }));
  expect(replica.cuts).toBe(0);
});

it('tells the state to so many at a time, and closes their cuts also where they leave in the middle', async () => {
  const replica = new Replica();
  replica.append(update('a:1'));
  await replica.log.truncate(vector({ a: 1 }));
  const watches = Array.from({ length: 9 }, () => replica.watches.open(vector()).items(''));
  for (const items of watches.slice(0, 8)) expect(told(await items.next())).toBe('gap');
  expect(replica.cuts).toBe(8);
  await expect(watches[8]!.next()).rejects.toMatchObject({ code: 'KVC_E_OVERLOADED' });
  await watches[0]!.return(undefined as never);
  expect(replica.cuts).toBe(7);
  expect(told(await replica.watches.open(vector()).items('').next())).toBe('gap');
});

it('ends all watches when it is closed, and is closed when all have left', async () => {
  const replica = new Replica();
  const asleep = replica.watches.open(undefined);
  const items = asleep.items('');
  await items.next();
  const next = items.next();
  let isClosed = false;
  const closing = replica.watches.close(stopping).then(() => (isClosed = true));
  await expect(next).rejects.toBe(stopping);
  expect(isClosed).toBe(false);
  asleep.leave();
  await closing;
  expect(() => replica.watches.open(undefined)).toThrow(stopping);
  await replica.watches.close(stopping);
});

it('wakes no watcher that has ended', async () => {
  const replica = new Replica(1);
  const watch = replica.watches.open(undefined);
  const items = watch.items('');
  await items.next();
  const next = items.next();
  watch.end(stopping);
  await expect(next).rejects.toBe(stopping);
  expect(() => replica.watches.open(undefined)).toThrow(/1 watches are open/);
  watch.leave();
  replica.append(update('a:1'));
  expect(told(await replica.watches.open(vector()).items('').next())).toBe('a:1');
});
