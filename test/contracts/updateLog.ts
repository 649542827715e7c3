import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import { counterOf, covers, mergeVectors } from '../../src/core/clock/versionVector.js';
import type { Update } from '../../src/core/update.js';
import { encodeUpdateRecord } from '../../src/protocol/updateRecord.js';
import type { UpdateLog } from '../../src/storage/updateLog.js';
import { collect, everyOperation, node1, node2, put, text, vector } from '../storage/updates.js';

const truncated = { code: 'KVC_E_LOG_TRUNCATED' };

/** What every update log promises. `open` gives a new, empty one. */
export function updateLogContract(name: string, open: () => Promise<UpdateLog>): void {
  async function opened(): Promise<UpdateLog> {
    const log = await open();
    onTestFinished(() => log.close().catch(() => undefined));
    return log;
  }

  /** node1:1, node2:1, node1:2, node2:2, ... up to `last` of each, flushed pair by pair. */
  async function withPairs(last: number): Promise<UpdateLog> {
    const log = await opened();
    for (let counter = 1; counter <= last; counter += 1) {
      for (const origin of [node1, node2]) log.append(put(origin, counter));
      await log.flush();
    }
    return log;
  }

  describe(`${name} is an update log`, () => {
    it('numbers appended updates from 1 and shows them in its clock at once', async () => {
      const log = await opened();
      expect(log.clock).toEqual(vector({}));
      expect(log.append(put(node1, 1))).toBe(1);
      expect(log.append(put(node2, 1))).toBe(2);
      expect(log.append(put(node1, 2))).toBe(3);
      expect(log.clock).toEqual(vector({ node1: 2, node2: 1 }));
    });

    it('never changes a clock that it has given out', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      const before = log.clock;
      log.append(put(node1, 2));
      expect(before).toEqual(vector({ node1: 1 }));
    });

    it('resolves a flush with the number up to which all is durable', async () => {
      const log = await opened();
      expect(await log.flush()).toBe(0);
      for (let counter = 1; counter <= 5; counter += 1) log.append(put(node1, counter));
      expect(await log.flush()).toBe(5);
      expect(await log.flush()).toBe(5);
    });

    it('lets flushes overlap with each other and with appends', async () => {
      const log = await opened();
      const flushes: Promise<number>[] = [];
      for (let counter = 1; counter <= 200; counter += 1) {
        const sequence = log.append(put(node1, counter));
        flushes.push(log.flush().then((durable) => durable - sequence));
        if (counter % 20 === 0) await Promise.resolve();
      }
      expect(Math.min(...(await Promise.all(flushes)))).toBeGreaterThanOrEqual(0);
    });

    it('reads back operations of every kind', async () => {
      const log = await opened();
      log.append(everyOperation(node1, 1));
      await log.flush();
      expect(await log.read(node1, 1, 1, 1e6)).toEqual([everyOperation(node1, 1)]);
    });

    it('reads back what was appended, flushed or not, origin by origin', async () => {
      const log = await opened();
      for (let counter = 1; counter <= 3; counter += 1) {
        log.append(put(node1, counter));
        log.append(put(node2, counter));
      }
      const expected = [put(node2, 2), put(node2, 3)];
      expect(await log.read(node2, 2, 3, 1e6)).toEqual(expected);
      await log.flush();
      expect(await log.read(node2, 2, 3, 1e6)).toEqual(expected);
    });

    it('keeps deletes, batches, empty values and arbitrary bytes', async () => {
      const log = await opened();
      const update = {
        ...put(node1, 1),
        dependencies: vector({}),
        operations: [
          { kind: 'delete', key: 'gone' },
          { kind: 'put', key: 'empty', value: new Uint8Array() },
          { kind: 'put', key: '\0 \u{1f600} \uffff', value: Uint8Array.from([0, 255, 128]) },
        ],
      } as const;
      log.append(update);
      await log.flush();
      expect(await log.read(node1, 1, 1, 1)).toEqual([update]);
    });

    it('stops reading before it exceeds the bytes asked for, but never before the first update', async () => {
      const log = await opened();
      for (let counter = 1; counter <= 9; counter += 1) log.append(put(node1, counter));
      const bytes = encodeUpdateRecord(put(node1, 1)).length;
      const counters = async (bytesMax: number): Promise<number[]> =>
        (await log.read(node1, 2, 9, bytesMax)).map(({ dot }) => dot.counter);
      expect(await counters(1)).toEqual([2]);
      expect(await counters(bytes * 3)).toEqual([2, 3, 4]);
      expect(await counters(bytes * 3 + bytes - 1)).toEqual([2, 3, 4]);
    });

    it('refuses to read what it does not hold', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      const refusal = { code: 'KVC_E_INTERNAL' };
      await expect(log.read(node1, 1, 2, 1e6)).rejects.toMatchObject(refusal);
      await expect(log.read(node1, 0, 1, 1e6)).rejects.toMatchObject(refusal);
      await expect(log.read(node2, 1, 1, 1e6)).rejects.toMatchObject(refusal);
    });

    it('refuses an update that leaves a gap or repeats a dot', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      for (const counter of [1, 3]) {
        expect(() => log.append(put(node1, counter))).toThrow(
          expect.objectContaining({ code: 'KVC_E_INTERNAL' }),
        );
      }
      expect(log.append(put(node1, 2))).toBe(2);
    });

    it('tells an update whose dot names other content', async () => {
      const log = await opened();
      log.append(put(node2, 1));
      await log.flush();
      const same = { ...put(node2, 1), dependencies: vector({ node3: 1, node1: 3 }) };
      expect(log.conflicts(same)).toBe(false);
      expect(log.conflicts(put(node2, 1, 'other'))).toBe(true);
      expect(log.conflicts({ ...same, timestamp: same.timestamp + 1 })).toBe(true);
      expect(log.conflicts({ ...same, dependencies: vector({ node1: 3 }) })).toBe(true);
      expect(log.conflicts({ ...same, operations: [{ kind: 'delete', key: 'key1' }] })).toBe(true);
      expect(
        log.conflicts({ ...same, operations: [{ kind: 'put', key: 'key1', value: text('value 1') }] }),
      ).toBe(false);
      expect(log.conflicts(put(node2, 2, 'not appended'))).toBe(false);
    });

    it('counts its updates', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      log.append(put(node2, 1));
      await log.flush();
      expect(log.stats()).toMatchObject({ updates: 2 });
      expect(log.stats().bytes).toBeGreaterThan(0);
    });

    it('replays in the order of appending what a vector does not cover', async () => {
      const log = await withPairs(4);
      log.append(put(node2, 5));
      await log.flush();
      expect(await dotsAfter(log, { node1: 2, node2: 3 })).toEqual([
        'node1:3',
        'node1:4',
        'node2:4',
        'node2:5',
      ]);
      expect((await dotsAfter(log, {})).slice(0, 3)).toEqual(['node1:1', 'node2:1', 'node1:2']);
      expect(await dotsAfter(log, { node1: 4, node2: 5, node3: 1 })).toEqual([]);
    });

    it('keeps all until it is truncated', async () => {
      const log = await withPairs(2);
      expect(log.start).toEqual(vector({}));
      expect(await log.truncate(vector({}))).toBe(0);
      expect(await log.truncate(log.clock, 1e6)).toBe(0);
      expect(log.start).toEqual(vector({}));
      expect(await dotsAfter(log, {})).toHaveLength(4);
    });

    it('drops nothing that is not covered, and serves the rest as before', async () => {
      const log = await withPairs(9);
      const covered = vector({ node1: 7, node2: 4 });
      const before = log.stats();
      const freed = await log.truncate(covered);
      expect(covers(covered, log.start)).toBe(true);
      expect(log.clock).toEqual(vector({ node1: 9, node2: 9 }));
      expect(log.stats().bytes).toBe(before.bytes - freed);
      await expectToHold(
        log,
        pairs(9).filter(({ dot }) => dot.counter > counterOf(log.start, dot.replica)),
      );
      log.append(put(node1, 10));
      expect(await log.read(node1, 8, 10, 1e6)).toEqual([8, 9, 10].map((counter) => put(node1, counter)));
    });

    it('keeps next to nothing once all that it holds is covered, if that is large', async () => {
      const log = await opened();
      const large = (counter: number): Update => put(node1, counter, 'x'.repeat(700_000));
      for (const counter of [1, 2]) log.append(large(counter));
      await log.flush();
      const start = log.start;
      expect(await log.truncate(log.clock)).toBeGreaterThan(1_400_000);
      expect(start).toEqual(vector({}));
      expect(log.start).toEqual(vector({ node1: 2 }));
      expect(log.stats().updates).toBe(0);
      expect(log.stats().bytes).toBeLessThan(1000);
      expect(log.conflicts(large(1))).toBe(false);
      await expectToHold(log, []);
      for (const counter of [3, 4]) log.append(large(counter));
      await log.flush();
      expect(log.conflicts(put(node1, 3))).toBe(true);
      await expectToHold(log, [large(3), large(4)]);
    });

    it('does nothing when it jumps to what it has contained already', async () => {
      const log = await withPairs(2);
      const before = log.stats();
      await log.jump(vector({ node1: 2, node2: 1 }));
      expect([log.clock, log.start]).toEqual([vector({ node1: 2, node2: 2 }), vector({})]);
      expect(log.stats()).toEqual(before);
      await expectToHold(log, pairs(2));
    });

    it('goes on behind a jump, without what it jumped over and what that origin had before', async () => {
      const log = await withPairs(3);
      await log.jump(vector({ node1: 8, node2: 2, node3: 5 }));
      expect(log.clock).toEqual(vector({ node1: 8, node2: 3, node3: 5 }));
      expect(log.start).toEqual(vector({ node1: 8, node3: 5 }));
      const ofNode2 = [1, 2, 3].map((counter) => put(node2, counter));
      await expectToHold(log, ofNode2);
      expect(log.conflicts(put(node1, 2, 'other'))).toBe(false);
      expect(log.conflicts(put(node1, 5, 'other'))).toBe(false);
      expect(() => log.append(put(node1, 4))).toThrow();
      const later = [put(node1, 9), put(node2, 4), put(node1, 10)];
      for (const update of later) log.append(update);
      await expectToHold(log, [...ofNode2, ...later]);
      await log.flush();
      await expectToHold(log, [...ofNode2, ...later]);
      expect(log.conflicts(put(node1, 9))).toBe(false);
      expect(log.conflicts(put(node1, 9, 'other'))).toBe(true);
      expect(log.conflicts(put(node2, 2, 'other'))).toBe(true);
    });

    it('makes durable what was appended before a jump, and counts on from there', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      log.append(put(node2, 1));
      await log.jump(vector({ node1: 4 }));
      await expectToHold(log, [put(node2, 1)]);
      expect(log.append(put(node1, 5))).toBe(3);
      expect(await log.flush()).toBe(3);
    });

    it('jumps more than once, and is truncated across jumps', async () => {
      const log = await withPairs(2);
      await log.jump(vector({ node1: 5 }));
      log.append(put(node1, 6));
      log.append(put(node2, 3));
      await log.flush();
      await log.jump(vector({ node1: 9, node2: 3 }));
      log.append(put(node1, 10));
      await log.flush();
      const held = [put(node2, 1), put(node2, 2), put(node2, 3), put(node1, 10)];
      await expectToHold(log, held);
      await log.truncate(vector({ node1: 7, node2: 3 }));
      expect(log.clock).toEqual(vector({ node1: 10, node2: 3 }));
      await expectToHold(
        log,
        held.filter(({ dot }) => dot.counter > counterOf(log.start, dot.replica)),
      );
      await log.jump(vector({ node2: 4 }));
      await expectToHold(log, [put(node1, 10)]);
    });

    it('never changes a start that it has given out', async () => {
      const log = await opened();
      const before = log.start;
      await log.jump(vector({ node1: 3 }));
      const between = log.start;
      await log.jump(vector({ node1: 4 }));
      expect([before, between]).toEqual([vector({}), vector({ node1: 3 })]);
    });

    it('fails every call with KVC_E_CLOSED once it is closed, but may be closed again', async () => {
      const log = await opened();
      log.append(put(node1, 1));
      await log.close();
      const closed = expect.objectContaining({ code: 'KVC_E_CLOSED' }) as Error;
      expect(() => log.append(put(node1, 2))).toThrow(closed);
      expect(() => log.conflicts(put(node1, 1))).toThrow(closed);
      expect(() => log.stats()).toThrow(closed);
      await expect(log.flush()).rejects.toThrow(closed);
      await expect(log.read(node1, 1, 1, 1)).rejects.toThrow(closed);
      await expect(log.truncate(vector({}))).rejects.toThrow(closed);
      await expect(log.jump(vector({ node1: 5 }))).rejects.toThrow(closed);
      await expect(collect(log.replay(vector({})))).rejects.toThrow(closed);
      await log.close();
    });
  });
}

function pairs(last: number): Update[] {
  return Array.from({ length: last }, (_, index) => [put(node1, index + 1), put(node2, index + 1)]).flat();
}

async function dotsAfter(log: UpdateLog, after: Record<string, number>): Promise<string[]> {
  return (await collect(log.replay(vector(after)))).map(({ dot }) => `${dot.replica}:${dot.counter}`);
}

/**
 * The log holds exactly `held`, which is in its order: it counts them, replays them and reads them back origin by origin,
 * and refuses what came before. What is not flushed is not replayed.
 */
async function expectToHold(log: UpdateLog, held: readonly Update[]): Promise<void> {
  const { start, clock } = log;
  expect(log.stats().updates).toBe(held.length);
  const replayed = await collect(log.replay(start));
  expect(replayed.map(digest)).toEqual(held.slice(0, replayed.length).map(digest));
  for (const origin of mergeVectors(start, clock).keys()) {
    const [gone, last] = [counterOf(start, origin), counterOf(clock, origin)];
    const expected = held.filter(({ dot }) => dot.replica === origin);
    expect((await log.read(origin, gone + 1, last, 1e7)).map(digest)).toEqual(expected.map(digest));
    if (gone === 0) continue;
    await expect(log.read(origin, gone, last, 1e7)).rejects.toMatchObject(truncated);
    await expect(log.read(origin, 1, gone, 1e7)).rejects.toMatchObject(truncated);
    const before = collect(log.replay(new Map(start).set(origin, gone - 1)));
    await expect(before).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
  }
}

/** Tells updates apart as well as comparing them does, and at once where they are large. */
function digest(update: Update): string {
  return `${formatDot(update.dot)} ${crc32(encodeUpdateRecord(update))}`;
}
