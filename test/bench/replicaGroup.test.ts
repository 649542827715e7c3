import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplicaGroup } from '../../bench/load/replicaGroup.js';
import type { Operation } from '../../src/core/update.js';

const count = 4;
const batchUpdates = 10;

describe('a group of replicas in one process', () => {
  let dir: string;
  let group: ReplicaGroup;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kvc-group-'));
    group = await ReplicaGroup.open({ count, batchUpdates, dataDir: join(dir, 'data') });
  });

  afterEach(async () => {
    await group.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('brings every write to every replica, in messages of whole batches', async () => {
    for (let writer = 0; writer < count; writer += 1) await group.write(writer, puts(writer));
    const { messages, updates, bytes } = group.sent;
    const peers = count - 1;
    expect({ messages, updates }).toEqual({
      messages: count * peers,
      updates: count * peers * batchUpdates,
    });
    expect(bytes / updates).toBeGreaterThan(100);
    expect(group.isLevel).toBe(true);
    expect(sizeOf(group.first.replica.clock)).toBe(count * batchUpdates);
  });

  it('writes what depends on more replicas in more bytes, once for all updates of a message', async () => {
    await group.write(0, puts(0));
    const alone = group.sent.bytes;
    await group.write(1, puts(1));
    await group.write(2, puts(2));
    const before = group.sent.bytes;
    await group.write(0, puts(3));
    const more = group.sent.bytes - before - alone;
    expect(more).toBeGreaterThan(0);
    // Two entries, of node2 and node3, in every update to every peer, if only as two small numbers each.
    expect(more).toBeLessThan(2 * 2 * batchUpdates * (count - 1));
  });

  it('keeps the log and the keys of the first replica on the disk', async () => {
    for (let writer = 0; writer < count; writer += 1) await group.write(writer, puts(writer));
    await group.lastCheckpoint();
    const { log, keys } = group.first.data;
    expect(log.stats().updates).toBe(count * batchUpdates);
    expect(keys.size).toBe(count * batchUpdates);
    expect(keys.stats().usedBytes).toBeGreaterThan(0);
    expect(keys.dirtyKeys).toBe(0);
  });

  it('ends the checkpoints of the first replica before it closes its store', async () => {
    const other = await ReplicaGroup.open({ count, batchUpdates, dataDir: join(dir, 'other') });
    await other.write(0, puts(0));
    const { keys } = other.first.data;
    expect(keys.dirtyKeys).toBe(batchUpdates);
    await other.close();
    expect(keys.dirtyKeys).toBe(0);
  });
});

function puts(writer: number): Operation[] {
  return Array.from({ length: batchUpdates }, (_, index) => ({
    kind: 'put',
    key: `key${writer}-${index}`,
    value: Buffer.alloc(100, 'v'),
  }));
}

function sizeOf(clock: ReadonlyMap<string, number>): number {
  return [...clock.values()].reduce((sum, counter) => sum + counter, 0);
}
