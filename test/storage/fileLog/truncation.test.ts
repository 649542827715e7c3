import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { counterOf } from '../../../src/core/clock/versionVector.js';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog, type FileLogOptions } from '../../../src/storage/fileLog/openFileLog.js';
import { readSealedSegments } from '../../../src/storage/fileLog/sealedSegments.js';
import { SealedIndexes } from '../../../src/storage/fileLog/sealedIndexes.js';
import { realFiles } from '../../../src/storage/realFiles.js';
import { FaultyDisk } from '../../support/faultyDisk.js';
import { until } from '../../support/until.js';
import { collect, node1, put, temporaryDir, vector } from '../updates.js';

const clusterId = 'c0ffee';
const truncated = { code: 'KVC_E_LOG_TRUNCATED' };
const corrupt = { code: 'KVC_E_LOG_CORRUPT' };

/** Every flush group in a file of its own, and none in memory. */
const oneGroupPerFile = { segmentBytesMax: 1, recentBytesMax: 0 };

async function openLog(
  dir: string,
  options: Partial<FileLogOptions> = oneGroupPerFile,
): Promise<FileUpdateLog> {
  const log = await openFileLog(dir, { clusterId, ...options });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

/** node1's updates `first` to `last`, each in a flush of its own. */
async function append(log: FileUpdateLog, first: number, last: number): Promise<void> {
  for (let counter = first; counter <= last; counter += 1) {
    log.append(put(node1, counter));
    await log.flush();
  }
}

function fileNames(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `0000000${first + index}.log`);
}

/** The log holds node1's updates after `start` up to `last`, and reads and replays them. */
async function expectRange(log: FileUpdateLog, start: number, last: number): Promise<void> {
  expect(counterOf(log.start, node1)).toBe(start);
  const expected = Array.from({ length: last - start }, (_, index) => put(node1, start + 1 + index));
  expect(await collect(log.replay(log.start))).toEqual(expected);
  expect(await log.read(node1, start + 1, last, 1e6)).toEqual(expected);
}

describe('truncating the log in files', () => {
  it('removes the files that are covered to their end, from the first on, and tells their bytes', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 6);
    const before = log.stats();
    const freed = await log.truncate(vector({ node1: 3 }));
    expect(await readdir(dir)).toEqual(fileNames(4, 6));
    expect(log.stats()).toEqual({ updates: 3, bytes: before.bytes - freed, segments: 3 });
    expect(freed).toBeGreaterThan(before.bytes / 3);
    await expectRange(log, 3, 6);
    expect(await log.truncate(vector({ node1: 3 }))).toBe(0);
    await log.close();
    await expectRange(await openLog(dir), 3, 6);
  });

  it('removes no file that is needed for its last update, nor the one that is written', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, { segmentBytesMax: 250, recentBytesMax: 0 });
    await append(log, 1, 7);
    const bounds = log.stats().segments;
    expect(bounds).toBeGreaterThan(1);
    await log.truncate(vector({ node1: 1 }));
    expect(log.stats().segments).toBe(bounds);
    await expectRange(log, 0, 7);
    await log.truncate(vector({ node1: 6 }));
    expect(log.stats().segments).toBe(1);
    await expectRange(log, counterOf(log.start, node1), 7);
  });

  it('stops as soon as the log is no larger than what is to be kept', async () => {
    const log = await openLog(await temporaryDir());
    await append(log, 1, 9);
    const { bytes } = log.stats();
    const fileBytes = bytes / 9;
    await log.truncate(log.clock, bytes - Math.floor(2.5 * fileBytes));
    expect(log.stats().segments).toBe(6);
    await log.truncate(log.clock, 1);
    expect(log.stats().segments).toBe(1);
    await expectRange(log, 8, 9);
  });

  it('replaces the file that is written when nothing in it is needed, and it is large', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir, { segmentBytesMax: 8000, recentBytesMax: 0 });
    await append(log, 1, 2);
    expect(await log.truncate(log.clock)).toBe(0);
    expect(await readdir(dir)).toEqual(fileNames(1, 1));
    await append(log, 3, 29);
    expect(await log.truncate(log.clock, 1)).toBe(0);
    expect(await log.truncate(vector({ node1: 28 }))).toBe(0);
    const { bytes } = log.stats();
    expect(bytes).toBeGreaterThan(1000);
    expect(await log.truncate(log.clock)).toBe(bytes);
    expect(await readdir(dir)).toEqual(fileNames(2, 2));
    expect(log.stats()).toMatchObject({ updates: 0, segments: 1 });
    await append(log, 30, 30);
    await expectRange(log, 29, 30);
    await log.close();
    await expectRange(await openLog(dir), 29, 30);
  });

  it('does not take turns with a flush: a log that is written is not idle', async () => {
    const dir = await temporaryDir();
    const disk = new FaultyDisk();
    const log = await openLog(dir, { ...oneGroupPerFile, files: disk.files });
    await append(log, 1, 1);
    const { clock } = log;
    const before = disk.begun.write;
    const release = disk.hold('write');
    log.append(put(node1, 2));
    const flush = log.flush();
    await until('the flush is under way', () => disk.begun.write > before);
    expect(await log.truncate(clock)).toBe(0);
    release();
    await flush;
    await log.truncate(clock);
    await expectRange(log, 1, 2);
  });

  it('lets appends, flushes and other truncations run meanwhile', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    const work: Promise<unknown>[] = [];
    for (let counter = 1; counter <= 60; counter += 1) {
      log.append(put(node1, counter));
      work.push(log.flush());
      if (counter % 3 === 0) work.push(log.truncate(log.clock));
      if (counter % 7 === 0) await log.flush();
    }
    await Promise.all(work);
    expect(counterOf(log.start, node1)).toBeGreaterThan(30);
    await append(log, 61, 62);
    await expectRange(log, counterOf(log.start, node1), 62);
    await log.close();
    const reopened = await openLog(dir);
    await expectRange(reopened, counterOf(reopened.start, node1), 62);
  });

  it('is finished by a close that comes meanwhile', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 5);
    let freedBytes = 0;
    const truncation = log.truncate(log.clock).then((bytes) => (freedBytes = bytes));
    await log.close();
    expect(freedBytes).toBeGreaterThan(0);
    await truncation;
    expect(await readdir(dir)).toEqual(fileNames(6, 6));
    expect((await openLog(dir)).start).toEqual(vector({ node1: 5 }));
  });

  it('has each file durably gone before the next one goes', async () => {
    const dir = await temporaryDir();
    const filesAtSync: string[][] = [];
    const syncDir = async (synced: string): Promise<void> => {
      filesAtSync.push(await readdir(synced));
      await realFiles.syncDir(synced);
    };
    const log = await openLog(dir, { ...oneGroupPerFile, files: { ...realFiles, syncDir } });
    await append(log, 1, 4);
    filesAtSync.length = 0;
    await log.truncate(vector({ node1: 3 }));
    expect(filesAtSync).toEqual([fileNames(2, 4), fileNames(3, 4), fileNames(4, 4)]);
  });

  it('ends the log when a file cannot be removed durably, and removes no other', async () => {
    const dir = await temporaryDir();
    const syncDir = vi.fn((synced: string) => realFiles.syncDir(synced));
    const log = await openLog(dir, { ...oneGroupPerFile, files: { ...realFiles, syncDir } });
    await append(log, 1, 4);
    syncDir.mockRejectedValueOnce(new Error('EIO'));
    const failed = { code: 'KVC_E_LOG_FAILED' };
    await expect(log.truncate(log.clock)).rejects.toMatchObject(failed);
    await expect(log.truncate(log.clock)).rejects.toMatchObject(failed);
    expect(() => log.append(put(node1, 5))).toThrow(expect.objectContaining(failed));
    expect(await readdir(dir)).toEqual(fileNames(2, 4));
  });

  it('goes on with the same file when the disk had no room to remove it', async () => {
    const dir = await temporaryDir();
    const remove = vi.fn((path: string) => realFiles.remove(path));
    const log = await openLog(dir, { ...oneGroupPerFile, files: { ...realFiles, remove } });
    await append(log, 1, 4);
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    remove.mockRejectedValueOnce(full);
    await expect(log.truncate(vector({ node1: 2 }))).rejects.toMatchObject({ code: 'KVC_E_DISK_FULL' });
    expect(await readdir(dir)).toEqual(fileNames(1, 4));
    await append(log, 5, 5);
    await log.truncate(vector({ node1: 2 }));
    expect(await readdir(dir)).toEqual(fileNames(3, 5));
    await expectRange(log, 2, 5);
  });

  it('leaves a sound log wherever a crash interrupts it', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 5);
    await log.close();
    const files = await readdir(dir);
    for (let gone = 1; gone <= 4; gone += 1) {
      const copy = join(await temporaryDir(), 'copy');
      await cp(dir, copy, { recursive: true });
      for (const file of files.slice(0, gone)) await rm(join(copy, file));
      const reopened = await openLog(copy);
      await expectRange(reopened, gone, 5);
      await append(reopened, 6, 6);
      await expectRange(reopened, gone, 6);
    }
  });

  it('can be told from damage: a file is missing between others, or the only one is torn', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 6);
    await log.truncate(vector({ node1: 2 }));
    await log.close();
    const copy = join(await temporaryDir(), 'copy');
    await cp(dir, copy, { recursive: true });
    await rm(join(copy, '00000004.log'));
    await expect(openFileLog(copy, { clusterId })).rejects.toMatchObject(corrupt);
    for (const number of [3, 5]) await rm(join(copy, `0000000${number}.log`));
    await writeFile(join(copy, '00000006.log'), '');
    await expect(openFileLog(copy, { clusterId })).rejects.toMatchObject(corrupt);
  });

  it('ends reads that are under way with KVC_E_LOG_TRUNCATED, if not with what was asked for', async () => {
    let refused = 0;
    for (let round = 0; round < 40; round += 1) {
      const dir = await temporaryDir();
      const written = await openLog(dir);
      await append(written, 1, 6);
      await written.close();
      const log = await openLog(dir);
      if (round % 2 === 0) await log.read(node1, 1, 4, 1e6);
      const reads = [log.read(node1, 1, 6, 1e6), log.read(node1, 2, 5, 1e6), log.read(node1, 4, 6, 1e6)];
      const replay = collect(log.replay(vector({})));
      const work = [...reads, replay].map((result) => result.catch((error: unknown) => error));
      for (let turn = 0; turn < round; turn += 1) await Promise.resolve();
      await log.truncate(vector({ node1: 5 }));
      for (const result of await Promise.all(work)) {
        if (result instanceof Error) {
          expect(result).toMatchObject(truncated);
          refused += 1;
          continue;
        }
        const counters = (result as { dot: { counter: number } }[]).map(({ dot }) => dot.counter);
        expect(counters).toEqual(counters.map((_, index) => counters[0]! + index));
        expect(counters.length).toBeGreaterThan(2);
      }
      await expect(log.read(node1, 5, 6, 1e6)).rejects.toMatchObject(truncated);
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('ends a replay that comes to a file that is gone', async () => {
    const log = await openLog(await temporaryDir());
    await append(log, 1, 4);
    const replay = log.replay(vector({}));
    expect((await replay.next()).value).toEqual(put(node1, 1));
    await log.truncate(vector({ node1: 3 }));
    await expect(replay.next()).rejects.toMatchObject(truncated);
  });

  it('keeps no index of a file that is dropped, even while it is made', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 2);
    const [segment] = await readSealedSegments(
      { dir, clusterId, files: realFiles, random: Math.random },
      [1],
      2,
    );
    const indexes = new SealedIndexes();
    for (const isKept of [true, false]) {
      const loading = indexes.load(segment!, vector({ node1: 1 }));
      if (isKept) await loading;
      segment!.isDropped = true;
      indexes.drop(segment!);
      await loading;
      const path = segment!.path;
      await rename(path, `${path}.gone`);
      await expect(indexes.load(segment!, vector({ node1: 1 }))).rejects.toMatchObject(truncated);
      await rename(`${path}.gone`, path);
      segment!.isDropped = false;
    }
  });

  it('gives up the index of a file with the file', async () => {
    const drops = vi.spyOn(SealedIndexes.prototype, 'drop');
    onTestFinished(() => drops.mockRestore());
    const log = await openLog(await temporaryDir());
    await append(log, 1, 4);
    await log.truncate(vector({ node1: 2 }));
    expect(drops.mock.calls.map(([segment]) => segment.number)).toEqual([1, 2]);
  });

  it('is not held up by files that others have removed', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await append(log, 1, 4);
    await rm(join(dir, '00000001.log'));
    await log.truncate(vector({ node1: 3 }));
    expect(await readdir(dir)).toEqual(fileNames(4, 4));
  });
});
