import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterOf, type VersionVector } from '../../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../../src/core/ids.js';
import { openFileLog } from '../../../src/storage/fileLog/openFileLog.js';
import { MemoryUpdateLog } from '../../../src/storage/memoryLog.js';
import type { UpdateLog } from '../../../src/storage/updateLog.js';
import { FaultyDisk } from '../../support/faultyDisk.js';
import { put } from '../updates.js';
import { LogModel } from './logModel.js';

const origins = ['node1', 'node2', 'node4'] as ReplicaId[];

/** Per origin, how far from the log's clock a vector is. */
const distances = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 });

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      origin: fc.constantFrom(...origins),
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.constantFrom(0, 10, 300),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), distances, keep: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), distances }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const), roomBytes: fc.nat(400) }) },
);

type Action = typeof action extends fc.Arbitrary<infer Each> ? Each : never;

/** A vector that lies `distances` before (or, by a sign of 1, beyond) the model's clock. */
function vectorAt(clock: VersionVector, distances: readonly number[], sign: 1 | -1): VersionVector {
  const vector = new Map<ReplicaId, number>();
  for (const [index, origin] of origins.entries()) {
    const counter = counterOf(clock, origin) + sign * distances[index]!;
    if (counter > 0) vector.set(origin, counter);
  }
  return vector;
}

interface Subject {
  readonly log: UpdateLog;
  /** Closes the log and opens it again, where that can be done. */
  reopen(): Promise<UpdateLog>;
  /** Lets the disk be full after so many bytes, flushes, and makes room again. */
  flushWhileFull(log: UpdateLog, roomBytes: number): Promise<void>;
}

async function perform(subject: Subject, actions: readonly Action[]): Promise<void> {
  const model = new LogModel();
  let { log } = subject;
  for (const each of actions) {
    if (each.kind === 'append') {
      for (let added = 0; added < each.count; added += 1) {
        const update = put(each.origin, counterOf(model.clock, each.origin) + 1, 'v'.repeat(each.bytes));
        log.append(update);
        model.append(update);
      }
      await model.expectSameOf(log, each.origin);
      continue;
    }
    if (each.kind === 'flush') await log.flush();
    if (each.kind === 'fill') await subject.flushWhileFull(log, each.roomBytes);
    if (each.kind === 'reopen') log = await subject.reopen();
    if (each.kind === 'jump') {
      const to = vectorAt(
        model.clock,
        each.distances.map((distance) => distance - 3),
        1,
      );
      await log.jump(to);
      model.jump(to);
    }
    if (each.kind === 'truncate') {
      const covered = vectorAt(model.clock, each.distances, -1);
      await log.truncate(covered, Math.floor((log.stats().bytes * each.keep) / 2));
      model.truncate(covered, log.start);
    }
    await log.flush();
    await model.expectSame(log);
  }
}

describe('the update log, whatever is done to it', () => {
  it.each([1, 600, 3000])('in files of %i bytes, it holds what a list would', async (segmentBytesMax) => {
    const marks = { truncated: 0, jumped: 0, full: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40, size: 'max' }),
        fc.boolean(),
        async (actions, isCold) => {
          const dir = await mkdtemp(join(tmpdir(), 'kvc-log-model-'));
          const disk = new FaultyDisk();
          const open = () =>
            openFileLog(dir, {
              clusterId: 'c0ffee',
              segmentBytesMax,
              ...(isCold ? { recentBytesMax: 0 } : {}),
              files: disk.files,
            });
          let log = await open();
          const subject: Subject = {
            log,
            async reopen() {
              if (log.start.size > 0) marks.truncated += 1;
              await log.close();
              return (log = await open());
            },
            async flushWhileFull(full, roomBytes) {
              disk.roomBytes = roomBytes;
              const error: unknown = await full.flush().catch((thrown: unknown) => thrown);
              if (typeof error !== 'number') {
                expect(error).toMatchObject({ code: 'KVC_E_DISK_FULL' });
                marks.full += 1;
              }
              disk.roomBytes = Infinity;
            },
          };
          try {
            await perform(subject, actions);
            if (actions.some(({ kind }) => kind === 'jump')) marks.jumped += 1;
          } finally {
            await log.close().catch(() => undefined);
            await rm(dir, { recursive: true });
          }
        },
      ),
      { numRuns: 25 },
    );
    for (const [mark, times] of Object.entries(marks))
      expect({ mark, times }).not.toEqual({ mark, times: 0 });
  });

  it('in memory, it holds what a list would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async (actions) => {
        const log = new MemoryUpdateLog();
        const subject = {
          log,
          reopen: () => Promise.resolve(log),
          flushWhileFull: () => Promise.resolve(),
        };
        await perform(subject, actions);
      }),
      { numRuns: 25 },
    );
  });
});
