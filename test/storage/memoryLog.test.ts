import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { updateLogContract } from '../contracts/updateLog.js';
import { collect, node1, node2, put, vector } from './updates.js';

updateLogContract('the log in memory', () => Promise.resolve(new MemoryUpdateLog()));

/** What one of them takes: 10 bytes of key and value, and what an update costs besides. */
const each = 266;

/** node1:1, node2:1, node1:2, ... */
function filled(updates: number): MemoryUpdateLog {
  const log = new MemoryUpdateLog();
  for (let index = 0; index < updates; index += 1) {
    log.append(put(index % 2 === 0 ? node1 : node2, Math.floor(index / 2) + 1, '12345', 'abcde'));
  }
  return log;
}

async function dots(log: MemoryUpdateLog): Promise<string[]> {
  return (await collect(log.replay(log.start))).map(({ dot }) => `${dot.replica}:${dot.counter}`);
}

describe('MemoryUpdateLog', () => {
  it('drops all that is covered, and nothing else, whatever else came before', async () => {
    const log = filled(8);
    expect(log.stats()).toEqual({ updates: 8, bytes: 8 * each, segments: 0 });
    expect(await log.truncate(vector({ node1: 3 }))).toBe(3 * each);
    expect(log.stats()).toEqual({ updates: 5, bytes: 5 * each, segments: 0 });
    expect(log.start).toEqual(vector({ node1: 3 }));
    expect(await dots(log)).toEqual(['node2:1', 'node2:2', 'node2:3', 'node1:4', 'node2:4']);
    expect(await log.truncate(vector({ node1: 99, node2: 1, node3: 5 }))).toBe(2 * each);
    expect(log.start).toEqual(vector({ node1: 4, node2: 1 }));
  });

  it('drops what was appended first, until it is small enough', async () => {
    const log = filled(8);
    expect(await log.truncate(log.clock, 5.5 * each)).toBe(3 * each);
    expect(log.start).toEqual(vector({ node1: 2, node2: 1 }));
    expect(await log.truncate(vector({ node2: 4 }), 2.5 * each)).toBe(3 * each);
    expect(await dots(log)).toEqual(['node1:3', 'node1:4']);
    expect(await log.truncate(log.clock, 2 * each)).toBe(0);
  });

  it('forgets the bytes of what an origin had before it jumped', async () => {
    const log = filled(8);
    await log.jump(vector({ node1: 10 }));
    expect(log.stats()).toEqual({ updates: 4, bytes: 4 * each, segments: 0 });
    await log.truncate(log.clock);
    expect(log.stats()).toEqual({ updates: 0, bytes: 0, segments: 0 });
  });

  it('is truncated little by little at a cost that does not grow with what it holds', async () => {
    const log = new MemoryUpdateLog();
    const update = put(node1, 1);
    const count = 200_000;
    for (let counter = 1; counter <= count; counter += 1) {
      log.append({ ...update, dot: { replica: node1, counter } });
    }
    // Moving all that is left, each time, would take minutes.
    for (let counter = 1; counter <= count; counter += 1)
      await log.truncate(new Map<ReplicaId, number>([[node1, counter]]));
    expect(log.stats()).toEqual({ updates: 0, bytes: 0, segments: 0 });
  });
});
