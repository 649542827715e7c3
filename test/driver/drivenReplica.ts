import path from 'node:path';
import { onTestFinished } from 'vitest';
import { firstReplicaId, nodeOf } from '../../src/core/ids.js';
import { Replica } from '../../src/core/replica.js';
import type { KvcError } from '../../src/errors.js';
import type { WriteOptions } from '../../src/driver/clientRequests.js';
import { ReplicaDriver } from '../../src/driver/replicaDriver.js';
import { replicaLimitsOf } from '../../src/driver/replicaLimits.js';
import { realTime } from '../../src/node/realTime.js';
import { nodeLimitsOf } from '../../src/protocol/nodeLimits.js';
import { openFileLog } from '../../src/storage/fileLog/openFileLog.js';
import { openLmdbKeyStore } from '../../src/storage/lmdb/lmdbKeyStore.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import { FaultyDisk } from '../support/faultyDisk.js';
import { node1, temporaryDir } from '../storage/updates.js';

/** A write that waits for nothing but its own node. */
export const alone: WriteOptions = {
  context: undefined,
  wait: { timeoutMs: 5000, onGone: () => undefined },
};

/** What a node consists of behind its HTTP API, without peers: its log on a disk with faults, its store on a sound one. */
export async function openStores() {
  const dir = await temporaryDir();
  const disk = new FaultyDisk();
  const log = await openFileLog(path.join(dir, 'log'), { clusterId: 'c1', files: disk.files });
  const keys = await openLmdbKeyStore(path.join(dir, 'store'));
  onTestFinished(async () => {
    await log.close().catch(() => undefined);
    await keys.close();
  });
  return { disk, log, keys };
}

/** A replica that is driven on these stores, from its beginning. */
export function drivenReplica({ log, keys }: Pick<Awaited<ReturnType<typeof openStores>>, 'log' | 'keys'>) {
  const limits = nodeLimitsOf({});
  const config = {
    self: node1,
    founders: [firstReplicaId(nodeOf(node1))],
    delivery: 'causal' as const,
    random: Math.random,
    limits: replicaLimitsOf(limits),
  };
  const replica = new Replica(config, { history: log, keys, requests: keys.requests }, keys.opened);
  const halts: KvcError[] = [];
  const complaints: string[] = [];
  const driver = new ReplicaDriver({
    time: realTime(),
    replica,
    log,
    keys,
    transport: new MemoryTransport(new Map()),
    report: (_level, message) => complaints.push(message),
    limits,
    ephemeral: false,
    onHalt: (error) => halts.push(error),
    onBehind: () => undefined,
    onStep: () => undefined,
  });
  onTestFinished(async () => {
    await driver.close().catch(() => undefined);
  });
  return { replica, driver, halts, complaints };
}
