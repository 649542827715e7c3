import { randomInt } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { covers, emptyVector } from '../core/clock/versionVector.js';
import { firstReplicaId, laterReplicaId, nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { isReplicaId } from '../protocol/names.js';
import { hasCode, KvcError, messageOf, type ErrorCode } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { nodeLimitsOf } from '../protocol/nodeLimits.js';
import { lockDataDir, type HeldLock } from '../storage/dataLock.js';
import { openFileLog } from '../storage/fileLog/openFileLog.js';
import { readIdentity, writeIdentity, type Identity } from '../storage/identity.js';
import type { KeyStore } from '../storage/keyStore.js';
import type { StoreNotice } from '../storage/lmdb/compaction.js';
import { MemoryKeyStore } from '../storage/memory/memoryKeyStore.js';
import { realFiles } from '../storage/realFiles.js';
import { MemoryUpdateLog } from '../storage/memoryLog.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';

/**
 * What a node keeps, opened. On disk: DIR/identity.json says which replica the node is, DIR/REPLICA has that replica's log
 * and store. So what an earlier incarnation left can never be mistaken for this one's.
 */
export interface NodeData {
  readonly replica: ReplicaId;
  /** False until the cluster has admitted the replica and its state is here. */
  readonly joined: boolean;
  /** True if the store lacks what the log no longer holds: then a peer has to give it. */
  readonly needsSnapshot: boolean;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  /** Takes over the snapshot that is staged whole: the log goes on behind it, the store joins it. */
  install(): Promise<void>;
  /** The cluster has admitted the replica, and its state is here. */
  markJoined(): Promise<void>;
  /** The replica's history cannot be trusted: at the next opening the node is another one. */
  abandon(why: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws KvcError KVC_E_DATA_LOCKED, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN, KVC_E_DISK_FULL, ... */
export async function openNodeData(config: NodeConfig, report: Log): Promise<NodeData> {
  const { dataDir } = config;
  return dataDir === null ? openEphemeral(config) : openDurable(config, dataDir, report);
}

/** Whether there is anybody who could have a copy of the data. */
export function hasPeers({ members }: Pick<NodeConfig, 'members'>): boolean {
  return members.length > 1;
}

function openEphemeral(config: NodeConfig): NodeData {
  const log = new MemoryUpdateLog();
  const keys = new MemoryKeyStore();
  const isFirst = !config.hasServed;
  let joined = (isFirst && isFounder(config)) || !hasPeers(config);
  return {
    replica: isFirst ? firstReplicaId(config.self) : newIncarnation(config.self),
    get joined() {
      return joined;
    },
    needsSnapshot: false,
    log,
    keys,
    install: () => installStaged(log, keys),
    markJoined: () => {
      joined = true;
      return Promise.resolve();
    },
    abandon: () => Promise.resolve(),
    close: async () => {
      await log.close();
      await keys.close();
    },
  };
}

async function openDurable(config: NodeConfig, dataDir: string, report: Log): Promise<NodeData> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDataDir(dataDir, config.instance);
  try {
    return await openLocked(config, dataDir, lock, report);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  config: NodeConfig,
  dataDir: string,
  lock: HeldLock,
  report: Log,
): Promise<NodeData> {
  const identity = await identityOf(config, dataDir, report);
  try {
    return await DurableData.open(config, dataDir, identity, lock, report);
  } catch (error) {
    if (!hasPeers(config) || !isBeyondRepair(error)) throw error;
    const next = await beAnother(dataDir, identity, messageOf(error), report);
    return DurableData.open(config, dataDir, next, lock, report);
  }
}

async function identityOf(config: NodeConfig, dataDir: string, report: Log): Promise<Identity> {
  const { clusterId, self, hasServed } = config;
  const found = await readIdentity(realFiles, dataDir, { clusterId, node: self });
  if (found !== undefined) return found;
  if (!hasServed) {
    return recorded(dataDir, { clusterId, replica: firstReplicaId(self), joined: isFounder(config) });
  }
  if (!hasPeers(config)) throw lost(dataDir, self);
  const identity = { clusterId, replica: newIncarnation(self), joined: false };
  report(
    'warn',
    'the data of this node is gone; it comes back as a new replica and takes its state from its peers',
    {
      replica: identity.replica,
    },
  );
  return recorded(dataDir, identity);
}

async function beAnother(dataDir: string, before: Identity, why: string, report: Log): Promise<Identity> {
  const { clusterId } = before;
  const replica = newIncarnation(nodeOf(before.replica));
  report(
    'error',
    'the data of this node cannot be used; it comes back as a new replica and takes its state from its peers',
    {
      error: why,
      replica,
      set_aside: path.join(dataDir, before.replica),
    },
  );
  return recorded(dataDir, { clusterId, replica, joined: false });
}

async function recorded(dataDir: string, identity: Identity): Promise<Identity> {
  await writeIdentity(realFiles, dataDir, identity);
  return identity;
}

function isFounder({ founders, self }: NodeConfig): boolean {
  return founders.includes(self);
}

/** By chance: nobody is left who could count, and two that are alike would give one dot to two writes. */
function newIncarnation(name: NodeName): ReplicaId {
  return laterReplicaId(
    name,
    randomInt(36 ** 6)
      .toString(36)
      .padStart(6, '0'),
  );
}

const beyondRepair: readonly ErrorCode[] = ['KVC_E_LOG_CORRUPT', 'KVC_E_DATA_LOST'];

/** Whether an error says that the replica's history cannot be trusted. */
export function isBeyondRepair(error: unknown): boolean {
  return error instanceof KvcError && beyondRepair.includes(error.code);
}

class DurableData implements NodeData {
  readonly replica: ReplicaId;
  readonly log: UpdateLog;
  readonly keys: KeyStore;
  readonly #dataDir: string;
  readonly #lock: HeldLock;
  readonly #report: Log;
  #identity: Identity;

  private constructor(
    dataDir: string,
    identity: Identity,
    parts: {
      readonly log: UpdateLog;
      readonly keys: KeyStore;
      readonly lock: HeldLock;
      readonly report: Log;
    },
  ) {
    this.replica = identity.replica;
    this.#dataDir = dataDir;
    this.#identity = identity;
    this.log = parts.log;
    this.keys = parts.keys;
    this.#lock = parts.lock;
    this.#report = parts.report;
  }

  static async open(
    config: NodeConfig,
    dataDir: string,
    identity: Identity,
    lock: HeldLock,
    report: Log,
  ): Promise<DurableData> {
    const dir = path.join(dataDir, identity.replica);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { clusterId, limits } = config;
    const { logBytesMax } = nodeLimitsOf(limits);
    const segmentBytesMax = Math.min(segmentBytesDefault, Math.ceil(logBytesMax / segmentsMin));
    const log = await openFileLog(path.join(dir, 'log'), { clusterId, segmentBytesMax });
    if (log.tornBytes > 0) report('warn', 'cut a torn tail off the update log', { bytes: log.tornBytes });
    try {
      const keys = await openKeys(path.join(dir, 'store'), report);
      return await new DurableData(dataDir, identity, { log, keys, lock, report }).#checked();
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  async #checked(): Promise<this> {
    try {
      if (this.joined) this.#assertLogCovers();
      await this.#removeFormer();
      return this;
    } catch (error) {
      await this.keys.close();
      throw error;
    }
  }

  get joined(): boolean {
    return this.#identity.joined;
  }

  get needsSnapshot(): boolean {
    return !covers(this.keys.opened.clock, this.log.start);
  }

  async install(): Promise<void> {
    await installStaged(this.log, this.keys);
  }

  async markJoined(): Promise<void> {
    this.#identity = { ...this.#identity, joined: true };
    await writeIdentity(realFiles, this.#dataDir, this.#identity);
  }

  async abandon(why: string): Promise<void> {
    await beAnother(this.#dataDir, this.#identity, why, this.#report);
  }

  async close(): Promise<void> {
    try {
      await this.log.close();
    } finally {
      await this.keys.close().finally(() => this.#lock.release());
    }
  }

  /** The store is written behind the log: one that is ahead of it shows that part of the log is gone. */
  #assertLogCovers(): void {
    if (covers(this.log.clock, this.keys.opened.clock)) return;
    throw new KvcError(
      'KVC_E_DATA_LOST',
      `the key store in ${this.#dataDir} holds more than the update log: part of the log is gone, and writing on would use ` +
        'dots twice. Start the cluster afresh: kvc up --fresh',
      { dir: this.#dataDir },
    );
  }

  /** What earlier incarnations left, but for the last one, which may be wanted for a look at what happened to it. */
  async #removeFormer(): Promise<void> {
    const own = nodeOf(this.replica);
    const former: { readonly dir: string; readonly changedMs: number }[] = [];
    for (const entry of await readdir(this.#dataDir, { withFileTypes: true })) {
      const isFormer = isReplicaId(entry.name) && nodeOf(entry.name) === own && entry.name !== this.replica;
      if (!isFormer || !entry.isDirectory()) continue;
      const dir = path.join(this.#dataDir, entry.name);
      former.push({ dir, changedMs: (await stat(dir)).mtimeMs });
    }
    former.sort((left, right) => right.changedMs - left.changedMs);
    for (const { dir } of former.slice(1)) await rm(dir, { recursive: true, force: true });
  }
}

/** A segment is the least that can go from the log; it is kept well below its limit. */
const segmentBytesDefault = 8 * 1024 * 1024;
const segmentsMin = 8;

/** A damaged store is replaced by an empty one: the log rebuilds it, as far as it reaches back, or a peer does. */
async function openKeys(dir: string, report: Log): Promise<KeyStore> {
  const { openLmdbKeyStore } = await import('../storage/lmdb/lmdbKeyStore.js');
  const notice: StoreNotice = (message, facts) => report('info', message, facts);
  try {
    return await openLmdbKeyStore(dir, notice);
  } catch (error) {
    if (!hasCode(error, 'KVC_E_STORE_CORRUPT')) throw error;
    const damagedDir = `${dir}.damaged`;
    report('error', 'the key store is damaged; it is rebuilt from the update log, or from a peer', {
      error: error.message,
      set_aside: damagedDir,
    });
    await rm(damagedDir, { recursive: true, force: true });
    await rename(dir, damagedDir);
    return openLmdbKeyStore(dir, notice);
  }
}

async function installStaged(log: UpdateLog, keys: KeyStore): Promise<void> {
  await log.jump(keys.staged?.checkpoint.clock ?? emptyVector);
  await keys.mergeStaged();
}

function lost(dir: string, node: NodeName): KvcError {
  return new KvcError(
    'KVC_E_DATA_LOST',
    `${node} has served before, but its data in ${dir} is gone, and there is no other node that could have a copy. Restore ` +
      'the directory, or start the cluster afresh: kvc up --fresh',
    { dir, node },
  );
}
