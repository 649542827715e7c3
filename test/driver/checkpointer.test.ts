import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { firstReplicaId, type NodeName } from '../../src/core/ids.js';
import { Replica } from '../../src/core/replica.js';
import { Checkpointer } from '../../src/driver/checkpointer.js';
import { replicaLimitsOf } from '../../src/driver/replicaLimits.js';
import { realTime } from '../../src/node/realTime.js';
import { nodeLimitsOf } from '../../src/protocol/nodeLimits.js';
import { openLmdbKeyStore } from '../../src/storage/lmdb/lmdbKeyStore.js';
import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { node1, temporaryDir, text } from '../storage/updates.js';

afterEach(() => vi.useRealTimers());

/** A store on disk, and what checkpoints it. */
async function checkpointed() {
  const keys = await openLmdbKeyStore(await temporaryDir());
  onTestFinished(() => keys.close());
  const log = new MemoryUpdateLog();
  const config = {
    self: node1,
    founders: [firstReplicaId('node1' as NodeName)],
    delivery: 'causal' as const,
    random: Math.random,
    limits: replicaLimitsOf(nodeLimitsOf({})),
  };
  const replica = new Replica(config, { history: log, keys, requests: keys.requests }, keys.opened);
  const failed = vi.fn();
  const parts = { time: realTime(), replica, log, keys, report: failed, ephemeral: false };
  const checkpointer = new Checkpointer(parts, failed);
  return { keys, log, replica, failed, checkpointer };
}

it('has no checkpoint to come when it is closed, also where one was under way', async () => {
  const { keys, failed, checkpointer } = await checkpointed();
  const write = (count: number): void => {
    for (let n = 1; n <= count; n += 1) {
      keys.set(`key${n}`, [{ dot: { replica: node1, counter: n }, timestamp: n, value: text('x') }]);
    }
    checkpointer.notice();
  };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  // Enough for a checkpoint at once; what is written meanwhile is for the next one.
  write(20_000);
  write(1);
  await checkpointer.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(keys.dirtyKeys).toBe(0);
  expect(failed).not.toHaveBeenCalled();
});

it('begins one when the values that wait for it are large, however few they are', async () => {
  const { keys, checkpointer } = await checkpointed();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  for (let n = 1; n <= 7; n += 1) {
    keys.set(`key${n}`, [
      { dot: { replica: node1, counter: n }, timestamp: n, value: new Uint8Array(2 ** 20) },
    ]);
  }
  checkpointer.notice();
  expect(keys.dirtyKeys).toBe(7);
  keys.set('more', [{ dot: { replica: node1, counter: 8 }, timestamp: 8, value: new Uint8Array(2 ** 20) }]);
  checkpointer.notice();
  expect(keys.dirtyKeys).toBe(0);
  await checkpointer.close();
});

it('makes no cut after it: that would be one more checkpoint', async () => {
  const { checkpointer } = await checkpointed();
  await checkpointer.close();
  await expect(checkpointer.cut()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
});

it('writes nothing when it is closed again: the store may belong to another replica by then', async () => {
  const { keys, checkpointer } = await checkpointed();
  await checkpointer.close();
  const written = vi.spyOn(keys, 'checkpoint');
  await checkpointer.close();
  expect(written).not.toHaveBeenCalled();
});
