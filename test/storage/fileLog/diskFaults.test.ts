import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog, type FileLogOptions } from '../../../src/storage/fileLog/openFileLog.js';
import { FaultyDisk } from '../../support/faultyDisk.js';
import { until } from '../../support/until.js';
import { collect, node1, node2, put, temporaryDir, vector } from '../updates.js';

const clusterId = 'c0ffee';
const full = { code: 'KVC_E_DISK_FULL' };
const failed = { code: 'KVC_E_LOG_FAILED' };
const cold = { recentBytesMax: 0 };

async function openLog(dir: string, options: Partial<FileLogOptions> = {}): Promise<FileUpdateLog> {
  const log = await openFileLog(dir, { clusterId, ...options });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

interface Faulty {
  readonly dir: string;
  readonly disk: FaultyDisk;
  readonly log: FileUpdateLog;
}

/** A log on a disk with faults, in which node1's first two updates are durable. */
async function onFaultyDisk(options: Partial<FileLogOptions> = {}): Promise<Faulty> {
  const dir = await temporaryDir();
  const disk = new FaultyDisk();
  const log = await openLog(dir, { files: disk.files, ...cold, ...options });
  append(log, 1, 2);
  await log.flush();
  return { dir, disk, log };
}

function append(log: FileUpdateLog, first: number, last: number): void {
  for (let counter = first; counter <= last; counter += 1) log.append(put(node1, counter));
}

/** The log consists of node1's updates 1 to `last`, whether it is read or replayed. */
async function expectUpTo(log: FileUpdateLog, last: number): Promise<void> {
  const expected = Array.from({ length: last }, (_, index) => put(node1, index + 1));
  expect(await collect(log.replay(vector({})))).toEqual(expected);
  expect(await log.read(node1, 1, last, 1e6)).toEqual(expected);
}

/** What a crash at this moment would leave. */
async function expectAfterCrash(dir: string, last: number): Promise<void> {
  const copy = join(await temporaryDir(), 'copy');
  await cp(dir, copy, { recursive: true });
  const log = await openLog(copy, cold);
  expect(log.tornBytes).toBe(0);
  await expectUpTo(log, last);
}

async function expectDead(log: FileUpdateLog): Promise<void> {
  await expect(log.flush()).rejects.toMatchObject(failed);
  await expect(log.jump(vector({ node2: 9 }))).rejects.toMatchObject(failed);
  await expect(log.truncate(vector({}))).rejects.toMatchObject(failed);
  expect(() => log.append(put(node2, 1))).toThrow(expect.objectContaining(failed));
  await expect(log.close()).rejects.toMatchObject(failed);
}

async function lastFileBytes(dir: string): Promise<number> {
  const files = (await readdir(dir)).sort();
  return (await stat(join(dir, files.at(-1)!))).size;
}

describe('a slow disk', () => {
  it('takes together what is appended while it is busy', async () => {
    const { disk, log } = await onFaultyDisk();
    const before = disk.begun.datasync;
    const release = disk.hold('datasync');
    append(log, 3, 3);
    const flushes = [log.flush()];
    await until('the disk is busy', () => disk.begun.datasync > before);
    for (let counter = 4; counter <= 100; counter += 1) {
      append(log, counter, counter);
      flushes.push(log.flush());
    }
    release();
    expect(await Promise.all(flushes)).toEqual([3, ...Array<number>(97).fill(100)]);
    expect(disk.begun.datasync - before).toBe(2);
    await expectUpTo(log, 100);
  });
});

describe('a full disk', () => {
  it.each(['ENOSPC', 'EDQUOT'] as const)(
    'fails a flush with %s, keeps it waiting, and takes it later',
    async (code) => {
      const { dir, disk, log } = await onFaultyDisk();
      const durableBytes = await lastFileBytes(dir);
      disk.roomBytes = 0;
      disk.fullCode = code;
      append(log, 3, 4);
      const flushes = [log.flush(), log.flush()];
      for (const flush of flushes) await expect(flush).rejects.toMatchObject(full);
      expect(await lastFileBytes(dir)).toBe(durableBytes);
      await expect(log.flush()).rejects.toMatchObject(full);
      expect(log.append(put(node1, 5))).toBe(5);
      expect((await log.read(node1, 1, 5, 1e6)).length).toBe(5);
      expect(log.conflicts(put(node1, 4, 'other'))).toBe(true);
      disk.roomBytes = Infinity;
      expect(await log.flush()).toBe(5);
      await expectUpTo(log, 5);
      await expectAfterCrash(dir, 5);
    },
  );

  it('fails a flush also where the room was missed only as it was to become durable, and takes it later', async () => {
    const { dir, disk, log } = await onFaultyDisk();
    const durableBytes = await lastFileBytes(dir);
    disk.fail('datasync', 'ENOSPC');
    append(log, 3, 4);
    await expect(log.flush()).rejects.toMatchObject(full);
    expect(await lastFileBytes(dir)).toBe(durableBytes);
    await expectAfterCrash(dir, 2);
    expect(await log.flush()).toBe(4);
    await expectUpTo(log, 4);
    await expectAfterCrash(dir, 4);
  });

  it('leaves nothing of a flush of which it took any part', async () => {
    const { dir, disk, log } = await onFaultyDisk();
    const durableBytes = await lastFileBytes(dir);
    append(log, 3, 4);
    for (let roomBytes = 0; ; roomBytes += 1) {
      disk.roomBytes = roomBytes;
      const flushed = await log.flush().catch((error: unknown) => error);
      if (flushed === 4) break;
      expect(flushed).toMatchObject(full);
      expect(await lastFileBytes(dir)).toBe(durableBytes);
      expect(disk.roomBytes).toBe(roomBytes);
      if (roomBytes % 10 === 0) await expectAfterCrash(dir, 2);
    }
    expect(await lastFileBytes(dir)).toBeGreaterThan(durableBytes + 100);
    await expectUpTo(log, 4);
    await expectAfterCrash(dir, 4);
  });

  it('fails flush after flush while more is appended, and changes no order', async () => {
    const { dir, disk, log } = await onFaultyDisk();
    for (let round = 0; round < 5; round += 1) {
      disk.roomBytes = 15 * round;
      append(log, 3 + round, 3 + round);
      await expect(log.flush()).rejects.toMatchObject(full);
    }
    disk.roomBytes = Infinity;
    expect(await log.flush()).toBe(7);
    append(log, 8, 8);
    await log.flush();
    await expectUpTo(log, 8);
    await expectAfterCrash(dir, 8);
  });

  it('leaves no part of a segment that it has no room for, and goes on with it later', async () => {
    const { dir, disk, log } = await onFaultyDisk({ segmentBytesMax: 1 });
    append(log, 3, 3);
    let roomBytes = 0;
    for (; (await readdir(dir)).length === 1; roomBytes += 1) {
      await expectAfterCrash(dir, 2);
      disk.roomBytes = roomBytes;
      await expect(log.flush()).rejects.toMatchObject(full);
    }
    expect(roomBytes).toBeGreaterThan(30);
    await expectAfterCrash(dir, 2);
    disk.roomBytes = Infinity;
    expect(await log.flush()).toBe(3);
    append(log, 4, 4);
    disk.fail('open', 'ENOSPC');
    await expect(log.flush()).rejects.toMatchObject(full);
    expect(await log.flush()).toBe(4);
    await expectUpTo(log, 4);
    await expectAfterCrash(dir, 4);
  });

  it('refuses a jump, which then has not happened, until there is room', async () => {
    const { dir, disk, log } = await onFaultyDisk();
    disk.roomBytes = 10;
    await expect(log.jump(vector({ node2: 7 }))).rejects.toMatchObject(full);
    expect([log.clock, log.start]).toEqual([vector({ node1: 2 }), vector({})]);
    disk.roomBytes = Infinity;
    append(log, 3, 3);
    await log.flush();
    await expectAfterCrash(dir, 3);
    disk.roomBytes = 0;
    append(log, 4, 4);
    await expect(log.jump(vector({ node2: 7 }))).rejects.toMatchObject(full);
    disk.roomBytes = Infinity;
    await log.jump(vector({ node2: 7 }));
    log.append(put(node2, 8));
    append(log, 5, 5);
    expect(await log.flush()).toBe(6);
    expect(await log.read(node1, 1, 5, 1e6)).toHaveLength(5);
    expect(await log.read(node2, 8, 8, 1e6)).toEqual([put(node2, 8)]);
  });

  it('rejects the close that could not flush, but releases all; what was durable stays', async () => {
    const { dir, disk, log } = await onFaultyDisk();
    disk.roomBytes = 5;
    append(log, 3, 3);
    await expect(log.close()).rejects.toMatchObject(full);
    await expectUpTo(await openLog(dir), 2);
  });

  it('cannot hold a new log, until there is room', async () => {
    const dir = join(await temporaryDir(), 'log');
    const disk = new FaultyDisk();
    disk.roomBytes = 20;
    const options = { clusterId, files: disk.files };
    await expect(openFileLog(dir, options)).rejects.toMatchObject(full);
    expect(await readdir(dir)).toEqual([]);
    disk.roomBytes = Infinity;
    expect((await openLog(dir, options)).clock).toEqual(vector({}));
  });

  it.each(['truncate', 'datasync'] as const)(
    'ends the log when what it took of a flush cannot be cut off again, for %s fails',
    async (operation) => {
      const { dir, disk, log } = await onFaultyDisk();
      disk.roomBytes = 100;
      disk.fail(operation, 'EIO');
      append(log, 3, 4);
      await expect(log.flush()).rejects.toMatchObject(failed);
      disk.roomBytes = Infinity;
      await expectDead(log);
      expect((await openLog(dir)).clock.get(node1)).toBeGreaterThanOrEqual(2);
    },
  );
});

describe('a disk that fails', () => {
  it.each([
    ['datasync', 'EIO', 1],
    ['datasync', 'EIO', Infinity],
    ['write', 'EIO', 1],
  ] as const)('ends the log: %s with %s, %d times', async (operation, code, times) => {
    const { dir, disk, log } = await onFaultyDisk();
    disk.fail(operation, code, times);
    append(log, 3, 4);
    const flushes = [log.flush(), log.flush()];
    for (const flush of flushes) await expect(flush).rejects.toMatchObject(failed);
    await expectDead(log);
    const recovered = await openLog(dir, cold);
    const last = recovered.clock.get(node1)!;
    expect(last).toBeGreaterThanOrEqual(2);
    await expectUpTo(recovered, last);
    append(recovered, last + 1, last + 1);
    await recovered.flush();
    await expectUpTo(recovered, last + 1);
  });

  it.each(['open', 'write', 'sync'] as const)('ends the log at a new segment: %s', async (operation) => {
    const { dir, disk, log } = await onFaultyDisk({ segmentBytesMax: 1 });
    disk.fail(operation, 'EIO');
    append(log, 3, 3);
    await expect(log.flush()).rejects.toMatchObject(failed);
    await expectDead(log);
    expect(await readdir(dir)).toEqual(['00000001.log']);
    await expectUpTo(await openLog(dir), 2);
  });
});

describe('a crash of a log that was truncated and has jumped', () => {
  it('tears only the flush under way, at any byte', async () => {
    let torn = 0;
    for (let keepBytes = 0; ; keepBytes += 3) {
      const { dir, disk, log } = await onFaultyDisk({ segmentBytesMax: 1 });
      log.append(put(node2, 1));
      await log.flush();
      await log.truncate(vector({ node1: 2 }));
      await log.jump(vector({ node1: 10 }));
      append(log, 11, 11);
      await log.flush();
      const { datasync: before, write } = disk.begun;
      // The first is that of the new segment's header.
      const isFlush = (): boolean => disk.begun.datasync > before + 1;
      disk.delay = (operation) =>
        operation === 'datasync' && isFlush() ? new Promise(() => undefined) : undefined;
      append(log, 12, 13);
      const flush = expect(log.flush()).rejects.toMatchObject(failed);
      await until('the flush is written', isFlush);
      expect(disk.begun.write).toBe(write + 2);
      const bytes = await lastFileBytes(dir);
      await disk.crash(keepBytes);
      const isWhole = (await lastFileBytes(dir)) === bytes;
      await flush;
      const recovered = await openLog(dir, cold);
      const last = recovered.clock.get(node1)!;
      expect(recovered.start).toEqual(vector({ node1: 10 }));
      expect(await collect(recovered.replay(vector({ node1: 10 })))).toEqual([
        put(node2, 1),
        ...Array.from({ length: last - 10 }, (_, index) => put(node1, 11 + index)),
      ]);
      if (isWhole) {
        expect(last).toBe(13);
        break;
      }
      expect(last).toBeGreaterThanOrEqual(11);
      expect(last).toBeLessThan(13);
      torn += 1;
    }
    expect(torn).toBeGreaterThan(20);
  });
});
