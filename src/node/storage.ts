import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { firstReplicaId, type ReplicaId } from '../core/ids.js';
import { Replica, type ReplicaOptions } from '../core/replica.js';
import { KvcError } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { lockDataDir } from '../storage/dataLock.js';
import { openFileLog } from '../storage/fileLog/openFileLog.js';
import { openIdentity } from '../storage/identity.js';
import type { KeyStore } from '../storage/keyStore.js';
import { MemoryKeyStore } from '../storage/memory/memoryKeyStore.js';
import { MemoryUpdateLog } from '../storage/memoryLog.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';

/** A replica with its state opened and recovered. */
export interface OpenedReplica {
  readonly replica: Replica;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  /** Updates that were delivered again from the log. */
  readonly recoveredUpdates: number;
  /** To be called after log and keys are closed. */
  release(): Promise<void>;
}

/** Opens what the node keeps, on disk or in memory, and rebuilds its replica from it. */
export async function openReplica(config: NodeConfig, report: Log): Promise<OpenedReplica> {
  const { dataDir } = config;
  return dataDir === null ? openEphemeral(config) : openDurable(config, dataDir, report);
}

function openEphemeral(config: NodeConfig): OpenedReplica {
  const log = new MemoryUpdateLog();
  const keys = new MemoryKeyStore();
  const replica = new Replica(
    replicaOptions(config),
    { history: log, keys, requests: keys.requests },
    keys.opened,
  );
  return { replica, log, keys, recoveredUpdates: 0, release: () => Promise.resolve() };
}

async function openDurable(config: NodeConfig, dataDir: string, report: Log): Promise<OpenedReplica> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDataDir(dataDir, config.instance);
  const { clusterId, self, hasServed } = config;
  await openIdentity(dataDir, { clusterId, node: self, hasServed });
  const { openLmdbKeyStore } = await import('../storage/lmdb/lmdbKeyStore.js');
  const log = await openFileLog(path.join(dataDir, 'log'), { clusterId });
  if (log.tornBytes > 0) report('warn', 'cut a torn tail off the update log', { bytes: log.tornBytes });
  const keys = await openLmdbKeyStore(path.join(dataDir, 'store'), (message, facts) =>
    report('info', message, facts),
  );
  assertLogCovers(log, keys);
  const replica = new Replica(
    replicaOptions(config),
    { history: log, keys, requests: keys.requests },
    keys.opened,
  );
  let recoveredUpdates = 0;
  for await (const update of log.replay(keys.opened.clock)) {
    replica.replay(update);
    recoveredUpdates += 1;
  }
  return { replica, log, keys, recoveredUpdates, release: () => lock.release() };
}

/** The store is written behind the log: one that is ahead of it shows that part of the log is gone. */
function assertLogCovers(log: UpdateLog, keys: KeyStore): void {
  for (const [replica, counter] of keys.opened.clock) {
    const logged = log.clock.get(replica) ?? 0;
    if (logged >= counter) continue;
    throw new KvcError(
      'KVC_E_DATA_LOST',
      `the key store holds ${replica}:${counter}, but the update log ends at ${replica}:${logged}: part of the log is ` +
        'gone, and writing on would use dots twice. Start the cluster afresh: kvc up --fresh',
      { replica, stored: counter, logged },
    );
  }
}

function replicaOptions(config: NodeConfig): ReplicaOptions {
  return {
    self: selfOf(config),
    members: config.members.map(({ name }) => firstReplicaId(name)),
    delivery: config.delivery,
    random: Math.random,
  };
}

export function selfOf(config: NodeConfig): ReplicaId {
  return firstReplicaId(config.self);
}
