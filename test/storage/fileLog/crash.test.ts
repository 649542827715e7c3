import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterOf } from '../../../src/core/clock/versionVector.js';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog } from '../../../src/storage/fileLog/openFileLog.js';
import { collect, node1, put, temporaryDir, vector } from '../updates.js';

const clusterId = 'c0ffee';
const groups = 4;
const updatesPerGroup = 3;
const updates = groups * updatesPerGroup;

interface WrittenLog {
  readonly dir: string;
  readonly content: Buffer;
  readonly headerBytes: number;
  /** Where each flush group begins, and where the last ends. */
  readonly groupOffsets: readonly number[];
}

/** A log of one file: node1's updates 1 to `updates` in `groups` flush groups. */
async function writtenLog(): Promise<WrittenLog> {
  const dir = await temporaryDir();
  const log = await openFileLog(join(dir, 'whole'), { clusterId });
  const groupOffsets = [log.stats().bytes];
  for (let counter = 1; counter <= updates; counter += 1) {
    log.append(put(node1, counter));
    if (counter % updatesPerGroup !== 0) continue;
    await log.flush();
    groupOffsets.push(log.stats().bytes);
  }
  await log.close();
  const content = await readFile(join(dir, 'whole', '00000001.log'));
  return { dir, content, headerBytes: groupOffsets[0]!, groupOffsets };
}

async function copyOf(dir: string, name: string, content: Buffer): Promise<string> {
  const copy = join(dir, name);
  await mkdir(copy);
  await writeFile(join(copy, '00000001.log'), content);
  return copy;
}

async function countersOf(log: FileUpdateLog): Promise<number[]> {
  return (await collect(log.replay(vector({})))).map(({ dot }) => dot.counter);
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Appends two updates in a flush each, reopens, and expects all: what was recovered is a log like any other. */
async function expectToGoOn(log: FileUpdateLog, dir: string): Promise<void> {
  const last = counterOf(log.clock, node1);
  for (const counter of [last + 1, last + 2]) {
    log.append(put(node1, counter));
    await log.flush();
  }
  await log.close();
  const reopened = await openFileLog(dir, { clusterId });
  expect(reopened.tornBytes).toBe(0);
  expect(await collect(reopened.replay(vector({})))).toEqual(
    upTo(last + 2).map((counter) => put(node1, counter)),
  );
  await reopened.close();
}

describe('a log whose end a crash has torn', () => {
  it('keeps exactly the whole records before a cut at any byte of the last group', async () => {
    const { dir, content, groupOffsets } = await writtenLog();
    const lastGroup = groupOffsets[groups - 1]!;
    const recordBytes = (content.length - lastGroup) / updatesPerGroup;
    for (let cut = lastGroup; cut <= content.length; cut += 1) {
      const copy = await copyOf(dir, `cut${cut}`, content.subarray(0, cut));
      const log = await openFileLog(copy, { clusterId });
      const whole = Math.floor((cut - lastGroup) / recordBytes);
      const last = updates - updatesPerGroup + whole;
      expect({ cut, counters: await countersOf(log), tornBytes: log.tornBytes }).toEqual({
        cut,
        counters: upTo(last),
        tornBytes: cut - lastGroup - whole * recordBytes,
      });
      await expectToGoOn(log, copy);
    }
  });

  it('starts afresh from a cut at any byte of the header, for nothing was durable before it was whole', async () => {
    const { dir, content, headerBytes } = await writtenLog();
    for (let cut = 0; cut <= headerBytes; cut += 1) {
      const copy = await copyOf(dir, `cut${cut}`, content.subarray(0, cut));
      const log = await openFileLog(copy, { clusterId });
      expect(log.clock).toEqual(vector({}));
      await expectToGoOn(log, copy);
    }
  });

  it('starts afresh from a header of zeros, as a file system may leave it', async () => {
    const { dir, headerBytes } = await writtenLog();
    const copy = await copyOf(dir, 'zeros', Buffer.alloc(headerBytes));
    const log = await openFileLog(copy, { clusterId });
    await expectToGoOn(log, copy);
  });

  it('goes on from the sealed segments when the header of the next was cut anywhere', async () => {
    const { dir, content } = await writtenLog();
    const whole = join(dir, 'rotated');
    const rotated = await openFileLog(whole, { clusterId, segmentBytesMax: 1 });
    rotated.append(put(node1, 1));
    await rotated.flush();
    await rotated.close();
    const sealed = await readFile(join(whole, '00000001.log'));
    for (const cut of [0, 1, 23, 24, 30]) {
      const copy = await copyOf(dir, `rotated${cut}`, sealed);
      await writeFile(join(copy, '00000002.log'), content.subarray(0, cut));
      const log = await openFileLog(copy, { clusterId });
      expect(await countersOf(log)).toEqual([1]);
      expect((await readdir(copy)).length).toBe(2);
      await expectToGoOn(log, copy);
    }
  });

  it('survives pages of the last group that reached the disk in any order, and whatever stands in the others', async () => {
    const { dir, content, groupOffsets } = await writtenLog();
    const lastGroup = groupOffsets[groups - 1]!;
    for (const filler of [0, 0xff, 0x41]) {
      for (let hole = lastGroup; hole < content.length; hole += 13) {
        const torn = Buffer.from(content).fill(filler, hole, Math.min(hole + 40, content.length));
        const copy = await copyOf(dir, `hole${filler}-${hole}`, torn);
        const log = await openFileLog(copy, { clusterId });
        const last = counterOf(log.clock, node1);
        expect(last).toBeGreaterThanOrEqual(updates - updatesPerGroup);
        expect(last).toBeLessThan(updates);
        await expectToGoOn(log, copy);
      }
    }
  });

  it('is torn again by a crash right after it was recovered in the middle of a group', async () => {
    const { dir, content, groupOffsets } = await writtenLog();
    const [from, end] = groupOffsets.slice(-2);
    const copy = await copyOf(dir, 'torn', content.subarray(0, from! + (end! - from!) / updatesPerGroup));
    const recovered = await openFileLog(copy, { clusterId });
    const last = counterOf(recovered.clock, node1);
    expect(last).toBe(updates - updatesPerGroup + 1);
    for (const counter of [last + 1, last + 2]) recovered.append(put(node1, counter));
    await recovered.flush();
    await recovered.close();
    const path = join(copy, (await readdir(copy)).sort().at(-1)!);
    const written = await readFile(path);
    // The first of the two records of the second flush does not reach the disk, the other does.
    const firstRecord = written.length - ((end! - from!) / updatesPerGroup) * 2;
    await writeFile(path, written.fill(0, firstRecord, firstRecord + 20));
    const again = await openFileLog(copy, { clusterId });
    expect(await countersOf(again)).toEqual(upTo(last));
    await expectToGoOn(again, copy);
  });

  it('does not take a record that a client stored as a value for a later flush', async () => {
    const dir = await temporaryDir();
    const { content, headerBytes } = await writtenLog();
    const log = await openFileLog(join(dir, 'whole'), { clusterId });
    log.append(put(node1, 1));
    await log.flush();
    const before = log.stats().bytes;
    log.append({
      ...put(node1, 2),
      operations: [{ kind: 'put', key: 'stolen', value: content.subarray(headerBytes) }],
    });
    await log.flush();
    await log.close();
    const written = await readFile(join(dir, 'whole', '00000001.log'));
    written[before] = written[before]! ^ 1;
    const reopened = await openFileLog(await copyOf(dir, 'torn', written), { clusterId });
    expect(await countersOf(reopened)).toEqual([1]);
    await reopened.close();
  });
});

describe('a damaged log', () => {
  it('is refused for a flipped bit in any byte of the header and of all groups but the last', async () => {
    const { dir, content, groupOffsets } = await writtenLog();
    for (let position = 0; position < groupOffsets[groups - 1]!; position += 1) {
      const copy = await copyOf(dir, `flip${position}`, flipped(content, position));
      const opening = openFileLog(copy, { clusterId });
      await expect(opening, `byte ${position}`).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
      await expect(opening).rejects.toMatchObject({ facts: { file: join(copy, '00000001.log') } });
      expect(await readFile(join(copy, '00000001.log'))).toEqual(flipped(content, position));
    }
  });

  it('never shows a wrong record, nor misses one of an earlier group, for a flipped bit in the last', async () => {
    const { dir, content, groupOffsets } = await writtenLog();
    for (let position = groupOffsets[groups - 1]!; position < content.length; position += 1) {
      const log = await openFileLog(await copyOf(dir, `flip${position}`, flipped(content, position)), {
        clusterId,
      });
      const found = await collect(log.replay(vector({})));
      expect(found.length).toBeGreaterThanOrEqual(updates - updatesPerGroup);
      expect(found.length).toBeLessThan(updates);
      expect(found).toEqual(upTo(found.length).map((counter) => put(node1, counter)));
      await log.close();
    }
  });

  it('is found damaged when a sealed segment is replayed or read; what cannot be read contradicts nothing', async () => {
    const dir = await temporaryDir();
    const log = await openFileLog(join(dir, 'whole'), { clusterId, segmentBytesMax: 1 });
    for (const counter of upTo(6)) {
      log.append(put(node1, counter));
      if (counter % 2 === 0) await log.flush();
    }
    await log.close();
    const files = await readdir(join(dir, 'whole'));
    const contents = await Promise.all(files.map((file) => readFile(join(dir, 'whole', file))));
    const corrupt = { code: 'KVC_E_LOG_CORRUPT' };
    const first = contents[0]!;
    for (let position = 0; position < first.length; position += 1) {
      const copy = await copyOf(dir, `flip${position}`, flipped(first, position));
      for (const index of [1, 2]) await writeFile(join(copy, files[index]!), contents[index]!);
      const opening = openFileLog(copy, { clusterId });
      const opened = await opening.catch(() => undefined);
      if (opened === undefined) {
        await expect(opening).rejects.toMatchObject(corrupt);
        continue;
      }
      await expect(collect(opened.replay(vector({})))).rejects.toMatchObject(corrupt);
      await expect(opened.read(node1, 1, 6, 1e6)).rejects.toMatchObject(corrupt);
      expect(opened.conflicts(put(node1, 1, 'other'))).toBe(false);
      expect((await opened.read(node1, 3, 6, 1e6)).length).toBe(4);
      await opened.close();
    }
  });

  it('is found damaged when a sealed segment lost its end, though what is left is whole', async () => {
    const dir = await temporaryDir();
    const log = await openFileLog(dir, { clusterId, segmentBytesMax: 200 });
    const ends: number[] = [];
    for (const counter of upTo(6)) {
      log.append(put(node1, counter));
      await log.flush();
      ends.push(log.stats().bytes);
    }
    await log.close();
    const path = join(dir, '00000001.log');
    await writeFile(path, (await readFile(path)).subarray(0, ends[0]));
    const reopened = await openFileLog(dir, { clusterId });
    await expect(collect(reopened.replay(vector({})))).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
    await reopened.close();
  });

  it('is refused when a file in the middle is missing, or has another name', async () => {
    const dir = await temporaryDir();
    const log = await openFileLog(join(dir, 'whole'), { clusterId, segmentBytesMax: 1 });
    for (const counter of upTo(3)) {
      log.append(put(node1, counter));
      await log.flush();
    }
    await log.close();
    const files = await Promise.all(
      upTo(3).map((number) => readFile(join(dir, 'whole', `0000000${number}.log`))),
    );
    const gap = await copyOf(dir, 'gap', files[0]!);
    await writeFile(join(gap, '00000003.log'), files[2]!);
    await expect(openFileLog(gap, { clusterId })).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
    const renamed = await copyOf(dir, 'renamed', files[1]!);
    await expect(openFileLog(renamed, { clusterId })).rejects.toMatchObject({ code: 'KVC_E_LOG_CORRUPT' });
  });
});

function flipped(content: Buffer, position: number): Buffer {
  const damaged = Buffer.from(content);
  damaged[position] = damaged[position]! ^ (1 << (position % 8));
  return damaged;
}
