import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeUpdateRecord } from '../../src/protocol/updateRecord.js';
import type { UpdateLog } from '../../src/storage/updateLog.js';
import { node1, node2, put, text, vector } from '../storage/updates.js';

/** What every update log promises. `open` gives a new, empty one. */
export function updateLogContract(name: string, open: () => Promise<UpdateLog>): void {
  async function opened(): Promise<UpdateLog> {
    const log = await open();
    onTestFinished(() => log.close().catch(() => undefined));
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
      await log.close();
    });
  });
}
