import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterOf } from '../../../src/core/clock/versionVector.js';
import type { FileUpdateLog } from '../../../src/storage/fileLog/fileUpdateLog.js';
import { openFileLog } from '../../../src/storage/fileLog/openFileLog.js';
import { collect, node1, put, vector } from '../updates.js';

/** A run of the process: groups that are flushed, perhaps a truncation and a jump, then a group that a crash tears. */
const run = fc.record({
  flushed: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
  keptBehind: fc.option(fc.nat(6)),
  jumpBy: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 2 }),
  torn: fc.integer({ min: 1, max: 5 }),
  keep: fc.double({ min: 0, max: 1, noNaN: true }),
  damage: fc.constantFrom('cut', 'zeros', 'hole', 'none'),
});

const options = { clusterId: 'c0ffee', segmentBytesMax: 700, recentBytesMax: 0 };

describe('recovery of the update log', () => {
  it('keeps every flushed update, in order, over any number of crashes that tear the flush under way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (runs) => {
        const dir = await mkdtemp(join(tmpdir(), 'kvc-recovery-'));
        try {
          let durable = 0;
          let start = 0;
          for (const { flushed, keptBehind, jumpBy, torn, keep, damage } of runs) {
            const log = await openFileLog(dir, options);
            await expectRange(log, start, durable);
            let last = counterOf(log.clock, node1);
            const append = async (count: number): Promise<void> => {
              for (let added = 0; added < count; added += 1) log.append(put(node1, (last += 1)));
              await log.flush();
            };
            for (const count of flushed) await append(count);
            if (keptBehind !== null) await log.truncate(vector({ node1: Math.max(1, last - keptBehind) }));
            if (jumpBy !== null) await log.jump(vector({ node1: (last += jumpBy) }));
            durable = last;
            start = counterOf(log.start, node1);
            const before = await sizeOfLast(dir);
            await append(torn);
            await log.close();
            await tear(dir, before, keep, damage);
          }
          const log = await openFileLog(dir, options);
          await expectRange(log, start, durable);
          await log.close();
        } finally {
          await rm(dir, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** It begins after `start`, has no gap, and does not end before `durable`. */
async function expectRange(log: FileUpdateLog, start: number, durable: number): Promise<void> {
  const last = counterOf(log.clock, node1);
  expect(counterOf(log.start, node1)).toBe(start);
  expect(last).toBeGreaterThanOrEqual(durable);
  const expected = Array.from({ length: last - start }, (_, index) => put(node1, start + 1 + index));
  expect(await collect(log.replay(log.start))).toEqual(expected);
}

async function lastFile(dir: string): Promise<string> {
  return join(dir, (await readdir(dir)).sort().at(-1)!);
}

async function sizeOfLast(dir: string): Promise<{ path: string; size: number }> {
  const path = await lastFile(dir);
  return { path, size: (await readFile(path)).length };
}

/** Spoils what the last flush wrote, and nothing before it. A segment's header is durable before its first group is written. */
async function tear(
  dir: string,
  before: { path: string; size: number },
  keep: number,
  damage: string,
): Promise<void> {
  const path = await lastFile(dir);
  const content = await readFile(path);
  const from = path === before.path ? before.size : 28 + content.readUInt32LE(16);
  const at = from + Math.floor((content.length - from) * keep);
  if (damage === 'cut') await writeFile(path, content.subarray(0, at));
  if (damage === 'zeros') await writeFile(path, content.fill(0, at));
  if (damage === 'hole') await writeFile(path, content.fill(0xa5, at, Math.min(at + 30, content.length)));
}
