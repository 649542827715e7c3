import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Update } from '../../../src/core/update.js';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog, type FileLogOptions } from '../../../src/storage/fileLog/openFileLog.js';
import { FaultyDisk } from '../../support/faultyDisk.js';
import { until } from '../../support/until.js';
import { collect, node1, node2, put, temporaryDir, vector } from '../updates.js';

const clusterId = 'c0ffee';
const corrupt = { code: 'KVC_E_LOG_CORRUPT' };
const cold = { recentBytesMax: 0 };

async function openLog(dir: string, options: Partial<FileLogOptions> = cold): Promise<FileUpdateLog> {
  const log = await openFileLog(dir, { clusterId, ...options });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

async function append(log: FileUpdateLog, ...updates: Update[]): Promise<void> {
  for (const update of updates) log.append(update);
  await log.flush();
}

const ofNode1 = [1, 2, 3].map((counter) => put(node1, counter));
const ofNode2 = [1, 2, 3].map((counter) => put(node2, counter));
const behind = [put(node1, 8), put(node2, 4)];

/** A log of two files, between which it jumps from node1:3 to node1:7. */
async function jumpedLog(): Promise<string> {
  const dir = await temporaryDir();
  const log = await openLog(dir);
  await append(log, ...ofNode1.slice(0, 2), ...ofNode2.slice(0, 1));
  await append(log, ...ofNode2.slice(1), ...ofNode1.slice(2));
  await log.jump(vector({ node1: 7, node2: 2 }));
  await append(log, ...behind);
  await log.close();
  return dir;
}

async function copyOf(dir: string): Promise<string> {
  const copy = join(await temporaryDir(), 'copy');
  await cp(dir, copy, { recursive: true });
  return copy;
}

describe('a log in files that has jumped', () => {
  it('finds after reopening where, by the heads of its files alone', async () => {
    const log = await openLog(await jumpedLog());
    expect(log.clock).toEqual(vector({ node1: 8, node2: 4 }));
    expect(log.start).toEqual(vector({ node1: 7 }));
    expect(log.stats()).toMatchObject({ updates: 5, segments: 2 });
    expect(await collect(log.replay(log.start))).toEqual([...ofNode2, ...behind]);
    expect(await log.read(node2, 1, 4, 1e6)).toEqual([...ofNode2, behind[1]]);
    expect(await log.read(node1, 8, 8, 1e6)).toEqual([behind[0]]);
    await expect(log.read(node1, 3, 8, 1e6)).rejects.toMatchObject({ code: 'KVC_E_LOG_TRUNCATED' });
    expect(log.conflicts(put(node1, 3, 'other'))).toBe(false);
    expect(log.conflicts(put(node2, 3, 'other'))).toBe(true);
    expect(log.conflicts(put(node1, 8, 'other'))).toBe(true);
  });

  it('is where it was, with all that it held, if a crash interrupts the jump', async () => {
    const dir = await jumpedLog();
    const head = await readFile(join(dir, '00000002.log'));
    const headBytes = 28 + head.readUInt32LE(16);
    for (let cut = 0; cut < headBytes; cut += 1) {
      const copy = await copyOf(dir);
      await writeFile(join(copy, '00000002.log'), head.subarray(0, cut));
      const log = await openLog(copy);
      expect([log.clock, log.start]).toEqual([vector({ node1: 3, node2: 3 }), vector({})]);
      await append(log, put(node1, 4));
      expect(await log.read(node1, 1, 4, 1e6)).toEqual([...ofNode1, put(node1, 4)]);
      expect(await log.read(node2, 1, 3, 1e6)).toEqual(ofNode2);
    }
    const copy = await copyOf(dir);
    await writeFile(join(copy, '00000002.log'), head.subarray(0, headBytes));
    expect((await openLog(copy)).start).toEqual(vector({ node1: 7 }));
  });

  it('is found damaged by a flipped bit in any byte before its last flush', async () => {
    const dir = await jumpedLog();
    const head = await readFile(join(dir, '00000002.log'));
    const headBytes = 28 + head.readUInt32LE(16);
    for (const [file, bytes] of [
      ['00000001.log', (await stat(join(dir, '00000001.log'))).size],
      ['00000002.log', headBytes],
    ] as const) {
      for (let position = 0; position < bytes; position += 1) {
        const copy = await copyOf(dir);
        const content = await readFile(join(copy, file));
        content[position] = content[position]! ^ (1 << (position % 8));
        await writeFile(join(copy, file), content);
        const opened = openFileLog(copy, { clusterId, ...cold }).then(async (log) => {
          onTestFinished(() => log.close());
          await collect(log.replay(log.start));
        });
        await expect(opened, `${file}, byte ${position}`).rejects.toMatchObject(corrupt);
      }
    }
  });

  it.each([
    ['that has jumped', put(node1, 2)],
    ['that has not', put(node2, 2)],
  ])('is found damaged when the file before the jump lost its end, of an origin %s', async (_, lost) => {
    const dir = await temporaryDir();
    const written = await openLog(dir);
    await append(written, put(node1, 1), put(node2, 1));
    const { bytes } = written.stats();
    await append(written, lost);
    await written.jump(vector({ node1: 7 }));
    await written.close();
    const path = join(dir, '00000001.log');
    await writeFile(path, (await readFile(path)).subarray(0, bytes));
    const log = await openLog(dir);
    await expect(collect(log.replay(log.start))).rejects.toMatchObject(corrupt);
    await expect(log.read(node2, 1, 1, 1e6)).rejects.toMatchObject(corrupt);
  });

  it('can be truncated up to the jump, beyond it, and jump again', async () => {
    const dir = await jumpedLog();
    const log = await openLog(dir, { ...cold, segmentBytesMax: 1 });
    await log.truncate(vector({ node1: 3, node2: 2 }));
    expect(log.stats().segments).toBe(2);
    await log.truncate(vector({ node1: 3, node2: 3 }));
    expect(await readdir(dir)).toEqual(['00000002.log']);
    expect(log.start).toEqual(vector({ node1: 7, node2: 3 }));
    expect(await collect(log.replay(log.start))).toEqual(behind);
    await log.jump(vector({ node2: 20 }));
    await append(log, put(node2, 21));
    await log.close();
    const reopened = await openLog(dir);
    expect(reopened.start).toEqual(vector({ node1: 7, node2: 20 }));
    expect(await collect(reopened.replay(reopened.start))).toEqual([behind[0], put(node2, 21)]);
  });

  it('keeps jumps of several origins apart, also those into a log that is empty', async () => {
    const dir = await temporaryDir();
    const log = await openLog(dir);
    await log.jump(vector({ node1: 4 }));
    await log.jump(vector({ node2: 6 }));
    await append(log, put(node2, 7), put(node1, 5));
    await log.jump(vector({ node1: 9 }));
    await log.close();
    const reopened = await openLog(dir);
    expect(reopened.clock).toEqual(vector({ node1: 9, node2: 7 }));
    expect(reopened.start).toEqual(vector({ node1: 9, node2: 6 }));
    expect(await collect(reopened.replay(reopened.start))).toEqual([put(node2, 7)]);
    await reopened.truncate(reopened.clock);
    expect(reopened.start).toEqual(vector({ node1: 9, node2: 7 }));
  });

  it('takes no update while it jumps', async () => {
    const disk = new FaultyDisk();
    const log = await openLog(await temporaryDir(), { files: disk.files });
    await append(log, put(node1, 1));
    const before = disk.begun.sync;
    const release = disk.hold('sync');
    const jump = log.jump(vector({ node1: 5 }));
    await until('the new file is written', () => disk.begun.sync > before);
    expect(() => log.append(put(node1, 2))).toThrow(expect.objectContaining({ code: 'KVC_E_INTERNAL' }));
    expect(await log.read(node1, 1, 1, 1e6)).toEqual([put(node1, 1)]);
    release();
    await jump;
    await append(log, put(node1, 6));
    expect(await log.read(node1, 6, 6, 1e6)).toEqual([put(node1, 6)]);
  });

  it('is refused in a format that this version does not know', async () => {
    const dir = await jumpedLog();
    const path = join(dir, '00000001.log');
    const content = await readFile(path);
    content.writeUInt32LE(1, 8);
    content.writeUInt32LE(crc32(content.subarray(0, 20)), 20);
    await writeFile(path, content);
    await expect(openFileLog(dir, { clusterId })).rejects.toMatchObject({ code: 'KVC_E_FORMAT_UNKNOWN' });
  });
});
