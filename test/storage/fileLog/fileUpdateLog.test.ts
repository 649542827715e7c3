import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type FileHandle } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ReplicaId } from '../../../src/core/ids.js';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog, type FileLogOptions } from '../../../src/storage/fileLog/openFileLog.js';
import { updateLogContract } from '../../contracts/updateLog.js';
import { collect, node1, node2, put, temporaryDir, vector } from '../updates.js';

const clusterId = 'c0ffee';

async function openLog(dir: string, options: Partial<FileLogOptions> = {}): Promise<FileUpdateLog> {
  const log = await openFileLog(dir, { clusterId, ...options });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

updateLogContract('the log in files', async () => openLog(await temporaryDir()));
updateLogContract('the log in many small files, without memory of its updates', async () =>
  openLog(await temporaryDir(), { segmentBytesMax: 1, recentBytesMax: 0 }),
);

/** Appends node1:1, node2:1, node1:2, ... and flushes after every tenth update. */
async function fill(log: FileUpdateLog, updates: number, from = 1): Promise<void> {
  for (let counter = from; counter < from + updates; counter += 1) {
    log.append(put(node1, counter));
    log.append(put(node2, counter));
    if (counter % 5 === 0) await log.flush();
  }
  await log.flush();
}

const cold = { segmentBytesMax: 800, recentBytesMax: 0 };

describe('FileUpdateLog', () => {
  it('holds after reopening what was flushed, and goes on from there', async () => {
    const dir = await temporaryDir();
    const first = await openLog(dir);
    await fill(first, 7);
    await first.close();
    const second = await openLog(dir);
    expect(second.tornBytes).toBe(0);
    expect(second.clock).toEqual(vector({ node1: 7, node2: 7 }));
    expect(second.append(put(node1, 8))).toBe(1);
    await second.close();
    const third = await openLog(dir);
    expect(third.stats()).toMatchObject({ updates: 15, segments: 1 });
    expect((await third.read(node1, 7, 8, 1e6)).map(({ dot }) => dot.counter)).toEqual([7, 8]);
  });

  it('rotates its files, reads across them, and serves other segments after reopening', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, cold);
    await fill(log, 100);
    const files = await readdir(dir);
    expect(files.length).toBeGreaterThan(6);
    expect(log.stats()).toMatchObject({ updates: 200, segments: files.length });
    const expected = Array.from({ length: 100 }, (_, index) => put(node2, index + 1));
    expect(await log.read(node2, 1, 100, 1e6)).toEqual(expected);
    await log.close();
    const reopened = await openLog(dir, cold);
    expect(reopened.stats()).toMatchObject({ updates: 200, segments: files.length });
    expect(await reopened.read(node2, 1, 100, 1e6)).toEqual(expected);
    expect(await reopened.read(node2, 42, 43, 1e6)).toEqual(expected.slice(41, 43));
    expect(reopened.conflicts(put(node2, 2))).toBe(false);
    expect(reopened.conflicts(put(node2, 2, 'other'))).toBe(true);
  });

  it('gives the same updates to readers of cold segments that come at once', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, cold);
    await fill(log, 60);
    const reads = [1, 1, 9, 30, 55].map((first) => log.read(node1, first, 60, 1e6));
    const firsts = (await Promise.all(reads)).map((updates) => [updates[0]!.dot.counter, updates.length]);
    expect(firsts).toEqual([1, 1, 9, 30, 55].map((first) => [first, 61 - first]));
  });

  it('reads while it is appended to, flushed and rotated', async () => {
    const log = await openLog(await temporaryDir(), cold);
    const reads: Promise<void>[] = [];
    for (let counter = 1; counter <= 300; counter += 1) {
      log.append(put(node1, counter));
      void log.flush();
      const first = Math.max(1, counter - 20);
      reads.push(
        log.read(node1, first, counter, 1e6).then((updates) => {
          expect(updates.map(({ dot }) => dot.counter)).toEqual(
            Array.from({ length: counter - first + 1 }, (_, index) => first + index),
          );
        }),
      );
      if (counter % 7 === 0) await log.flush();
    }
    await Promise.all(reads);
  });

  it('reads what is not durable yet, though memory for what is durable is used up', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, cold);
    const { writes, finish } = await holdNextWrite(dir);
    log.append(put(node1, 1));
    const flush = log.flush();
    await vi.waitFor(() => expect(writes).toHaveBeenCalled());
    log.append(put(node1, 2));
    finish();
    expect(await flush).toBe(1);
    expect(await log.read(node1, 1, 2, 1e6)).toEqual([put(node1, 1), put(node1, 2)]);
    expect(log.conflicts(put(node1, 2, 'other'))).toBe(true);
  });

  it('replays in the order of the log what a vector does not cover', async () => {
    const dir = await temporaryDir();
    const written = await openLog(dir, cold);
    await fill(written, 30);
    await written.close();
    const log = await openLog(dir, cold);
    const dots = async (after: Record<string, number>): Promise<string[]> =>
      (await collect(log.replay(vector(after)))).map(({ dot }) => `${dot.replica}:${dot.counter}`);
    expect((await dots({})).length).toBe(60);
    expect((await dots({})).slice(0, 4)).toEqual(['node1:1', 'node2:1', 'node1:2', 'node2:2']);
    expect(await dots({ node1: 28, node2: 29 })).toEqual(['node1:29', 'node1:30', 'node2:30']);
    expect((await dots({ node1: 30 })).length).toBe(30);
    expect(await dots({ node1: 30, node2: 30 })).toEqual([]);
  });

  it('replays from the right file on, without touching the earlier ones', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, cold);
    await fill(log, 30);
    await rm(join(dir, '00000001.log'));
    expect((await collect(log.replay(vector({ node1: 25, node2: 25 })))).length).toBe(10);
    await expect(collect(log.replay(vector({})))).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
  });

  it('takes few flushes of the disk for many at once', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    const writes = vi.spyOn(await fileHandlePrototype(dir), 'write');
    onTestFinished(() => writes.mockRestore());
    const flushes: Promise<number>[] = [];
    for (let counter = 1; counter <= 500; counter += 1) {
      log.append(put(node1, counter));
      flushes.push(log.flush());
    }
    await Promise.all(flushes);
    expect(writes.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('resolves a flush only when its write has', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    const { writes, finish } = await holdNextWrite(dir);
    log.append(put(node1, 1));
    let done = false;
    const flush = log.flush().then(() => (done = true));
    await vi.waitFor(() => expect(writes).toHaveBeenCalled());
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    finish();
    await flush;
  });

  it('fails for good when a write fails', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    log.append(put(node1, 1));
    await log.flush();
    const failing = vi.spyOn(await fileHandlePrototype(dir), 'write').mockRejectedValueOnce(new Error('EIO'));
    onTestFinished(() => failing.mockRestore());
    log.append(put(node1, 2));
    const failed = { code: 'KVC_E_LOG_FAILED' };
    const flushes = [log.flush(), log.flush()];
    for (const flush of flushes) await expect(flush).rejects.toMatchObject(failed);
    await expect(log.flush()).rejects.toMatchObject(failed);
    expect(() => log.append(put(node1, 3))).toThrow(expect.objectContaining(failed));
    await expect(log.close()).rejects.toMatchObject(failed);
    expect((await openLog(dir)).clock.get(node1)).toBeGreaterThanOrEqual(1);
  });

  it('refuses the log of another cluster, leaving it as it is', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await fill(log, 1);
    await log.close();
    const foreign = openFileLog(dir, { clusterId: 'other' });
    await expect(foreign).rejects.toMatchObject({ code: 'KVC_E_DATA_FOREIGN' });
    expect((await openLog(dir)).clock).toEqual(vector({ node1: 1, node2: 1 }));
  });

  it('says so when the directory cannot be used', async () => {
    await expect(openFileLog('/dev/null/log', { clusterId })).rejects.toMatchObject({
      code: 'KVC_E_LOG_FAILED',
    });
  });

  it('keeps updates of many origins with large vectors apart', async () => {
    const dir = await temporaryDir();
    const origins = Array.from({ length: 60 }, (_, index) => `origin-${index}` as ReplicaId);
    const log = await openLog(dir, cold);
    for (let counter = 1; counter <= 3; counter += 1) {
      for (const origin of origins) log.append(put(origin, counter));
      await log.flush();
    }
    await log.close();
    const reopened = await openLog(dir, cold);
    for (const origin of origins) expect((await reopened.read(origin, 1, 3, 1e6)).length).toBe(3);
  });
});

/** Every file handle's methods live there; Node exports no class for them. */
async function fileHandlePrototype(dir: string): Promise<{ write: FileHandle['write'] }> {
  const handle = await open(join(dir, 'probe'), 'w');
  await handle.close();
  return Object.getPrototypeOf(handle) as { write: FileHandle['write'] };
}

/** The next write to a file is done, and told only when `finish` is called. */
async function holdNextWrite(dir: string) {
  const prototype = await fileHandlePrototype(dir);
  const write = prototype.write as (...args: unknown[]) => Promise<unknown>;
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const writes = vi.spyOn(prototype, 'write').mockImplementationOnce(async function (
    this: unknown,
    ...args: unknown[]
  ) {
    const written = await write.apply(this, args);
    await held;
    return written as never;
  });
  onTestFinished(() => writes.mockRestore());
  return { writes, finish };
}
