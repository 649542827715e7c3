import path from 'node:path';
import { covers, emptyVector } from '../core/clock/versionVector.js';
import { firstReplicaId, laterReplicaId, nodeOf, type NodeName, type ReplicaId } from '../core/ids.js';
import { isReplicaId } from '../protocol/names.js';
import { hasCode, KvcError, messageOf, type ErrorCode } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { nodeLimitsOf } from '../protocol/nodeLimits.js';
import { openFileLog } from '../storage/fileLog/openFileLog.js';
import { readIdentity, writeIdentity, type Identity } from '../storage/identity.js';
import type { KeyStore } from '../storage/keyStore.js';
import { MemoryKeyStore } from '../storage/memory/memoryKeyStore.js';
import { MemoryUpdateLog } from '../storage/memoryLog.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { Log } from './log.js';
import type { DataPlace, Surroundings } from './surroundings.js';

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
export async function openNodeData(config: NodeConfig, around: DataSurroundings): Promise<NodeData> {
  const { dataDir } = config;
  return dataDir === null ? openEphemeral(config, around) : openDurable(config, dataDir, around);
}

/** What it takes to open data. */
export type DataSurroundings = Pick<Surroundings, 'place' | 'random' | 'report' | 'watchLog'>;

/** Whether there is anybody who could have a copy of the data. */
export function hasPeers({ members }: Pick<NodeConfig, 'members'>): boolean {
  return members.length > 1;
}

function openEphemeral(config: NodeConfig, { random }: DataSurroundings): NodeData {
  const log = new MemoryUpdateLog();
  const keys = new MemoryKeyStore();
  const isFirst = !config.hasServed;
  let joined = (isFirst && isFounder(config)) || !hasPeers(config);
  return {
    replica: isFirst ? firstReplicaId(config.self) : newIncarnation(config.self, random),
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

async function openDurable(config: NodeConfig, dataDir: string, around: DataSurroundings): Promise<NodeData> {
  const { files, lock } = around.place;
  await files.mkdir(dataDir);
  // An earlier process may have been killed before it came to this; then a crash could still take the directory as a whole.
  await files.syncDir(path.dirname(dataDir));
  const held = await lock(dataDir);
  const home: DataHome = { ...around, config, dataDir, release: () => held.release() };
  try {
    return await openLocked(home);
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** The data directory of a node, locked, with all that is needed to work in it. */
interface DataHome extends DataSurroundings {
  readonly config: NodeConfig;
  readonly dataDir: string;
  readonly release: () => Promise<void>;
}

async function openLocked(home: DataHome): Promise<NodeData> {
  const identity = await identityOf(home);
  try {
    return await DurableData.open(home, identity);
  } catch (error) {
    if (!hasPeers(home.config) || !isBeyondRepair(error)) throw error;
    return DurableData.open(home, await beAnother(home, identity, messageOf(error)));
  }
}

async function identityOf(home: DataHome): Promise<Identity> {
  const { config, dataDir, place, random, report } = home;
  const { clusterId, self, hasServed } = config;
  const found = await readIdentity(place.files, dataDir, { clusterId, node: self });
  if (found !== undefined) return found;
  if (!hasServed) {
    return recorded(home, { clusterId, replica: firstReplicaId(self), joined: isFounder(config) });
  }
  if (!hasPeers(config)) throw lost(dataDir, self);
  const identity = { clusterId, replica: newIncarnation(self, random), joined: false };
  report(
    'warn',
    'the data of this node is gone; it comes back as a new replica and takes its state from its peers',
    {
      replica: identity.replica,
    },
  );
  return recorded(home, identity);
}

async function beAnother(home: DataHome, before: Identity, why: string): Promise<Identity> {
  const { dataDir, random, report } = home;
  const { clusterId } = before;
  const replica = newIncarnation(nodeOf(before.replica), random);
  report(
    'error',
    'the data of this node cannot be used; it comes back as a new replica and takes its state from its peers',
    {
      error: why,
      replica,
      set_aside: path.join(dataDir, before.replica),
    },
  );
  return recorded(home, { clusterId, replica, joined: false });
}

async function recorded({ place, dataDir }: DataHome, identity: Identity): Promise<Identity> {
  await writeIdentity(place.files, dataDir, identity);
  return identity;
}

function isFounder({ founders, self }: NodeConfig): boolean {
  return founders.includes(self);
}

/** By chance: nobody is left who could count, and two that are alike would give one dot to two writes. */
function newIncarnation(name: NodeName, random: () => number): ReplicaId {
  const chance = Math.floor(random() * 36 ** 6);
  return laterReplicaId(name, chance.toString(36).padStart(6, '0'));
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
  readonly #home: DataHome;
  #identity: Identity;

  private constructor(home: DataHome, identity: Identity, log: UpdateLog, keys: KeyStore) {
    this.replica = identity.replica;
    this.#home = home;
    this.#identity = identity;
    this.log = log;
    this.keys = keys;
  }

  static async open(home: DataHome, identity: Identity): Promise<DurableData> {
    const { config, place, random, report } = home;
    const { clusterId, limits } = config;
    const dir = path.join(home.dataDir, identity.replica);
    await place.files.mkdir(dir);
    // What the log syncs is of no use in a directory that a crash may take as a whole.
    await place.files.syncDir(home.dataDir);
    const { logBytesMax } = nodeLimitsOf(limits);
    const segmentBytesMax = Math.min(segmentBytesDefault, Math.ceil(logBytesMax / segmentsMin));
    const { files } = place;
    const log = await openFileLog(path.join(dir, 'log'), { clusterId, segmentBytesMax, files, random });
    if (log.tornBytes > 0) report('warn', 'cut a torn tail off the update log', { bytes: log.tornBytes });
    try {
      const keys = await openKeys(path.join(dir, 'store'), place, report);
      const watched = home.watchLog?.(log, identity.replica) ?? log;
      return await new DurableData(home, identity, watched, keys).#checked();
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
    this.#identity = await recorded(this.#home, { ...this.#identity, joined: true });
  }

  async abandon(why: string): Promise<void> {
    await beAnother(this.#home, this.#identity, why);
  }

  async close(): Promise<void> {
    try {
      await this.log.close();
    } finally {
      await this.keys.close().finally(this.#home.release);
    }
  }

  /** The store is written behind the log: one that is ahead of it shows that part of the log is gone. */
  #assertLogCovers(): void {
    if (covers(this.log.clock, this.keys.opened.clock)) return;
    const { dataDir } = this.#home;
    throw new KvcError(
      'KVC_E_DATA_LOST',
      `the key store in ${dataDir} holds more than the update log: part of the log is gone, and writing on would use ` +
        'dots twice. Start the cluster afresh: kvc up --fresh',
      { dir: dataDir },
    );
  }

  /** What earlier incarnations left, but for the last one, which may be wanted for a look at what happened to it. */
  async #removeFormer(): Promise<void> {
    const { place, dataDir } = this.#home;
    const own = nodeOf(this.replica);
    const former: { readonly dir: string; readonly changedMs: number }[] = [];
    for (const name of await place.files.list(dataDir)) {
      if (!isReplicaId(name) || nodeOf(name) !== own || name === this.replica) continue;
      const dir = path.join(dataDir, name);
      former.push({ dir, changedMs: await place.files.changedMs(dir) });
    }
    former.sort((left, right) => right.changedMs - left.changedMs);
    for (const { dir } of former.slice(1)) await place.files.remove(dir);
  }
}

/** A segment is the least that can go from the log; it is kept well below its limit. */
const segmentBytesDefault = 8 * 1024 * 1024;
const segmentsMin = 8;

/** A damaged store is replaced by an empty one: the log rebuilds it, as far as it reaches back, or a peer does. */
async function openKeys(dir: string, { files, openStore }: DataPlace, report: Log): Promise<KeyStore> {
  try {
    return await openStore(dir, report);
  } catch (error) {
    if (!hasCode(error, 'KVC_E_STORE_CORRUPT')) throw error;
    const damagedDir = `${dir}.damaged`;
    report('error', 'the key store is damaged; it is rebuilt from the update log, or from a peer', {
      error: error.message,
      set_aside: damagedDir,
    });
    await files.remove(damagedDir);
    await files.rename(dir, damagedDir);
    return openStore(dir, report);
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
