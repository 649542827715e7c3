import { covers } from '../core/clock/versionVector.js';
import type { NodeName } from '../core/ids.js';
import { installSnapshot } from './installSnapshot.js';
import { join } from './joining.js';
import type { NodeData } from './nodeData.js';
import { ownAddress } from './ownPort.js';
import { loadSnapshot, whenRoom } from './snapshotLoader.js';
import type { Startup } from './startup.js';

/** Gets a node what it lacks to serve: its place in the cluster, and its state. */
export async function bootstrap(data: NodeData, startup: Startup): Promise<void> {
  let source: NodeName | undefined;
  if (data.keys.staged?.next !== 'complete') {
    if (!data.joined) source = await joinCluster(data, startup);
    if (source !== undefined || (data.joined && data.needsSnapshot)) await load(data, source, startup);
  }
  if (mustInstall(data)) await installSnapshot(data, startup);
  else if (data.keys.staged !== undefined) await whenRoom(startup, () => data.keys.dropStaged());
  if (!data.joined) await data.markJoined();
}

/** @returns who admitted it; undefined where it begins the cluster again */
async function joinCluster(data: NodeData, startup: Startup): Promise<NodeName | undefined> {
  const { time, config, peers, transport, progress, signal } = startup;
  startup.become('joining', 'the node asks to be admitted');
  return join({
    time,
    self: config.self,
    replica: data.replica,
    address: ownAddress(config),
    peers: [...peers.urls.keys()],
    transport,
    mayFound: config.dataDir === null,
    progress,
    signal,
  });
}

async function load(data: NodeData, source: NodeName | undefined, startup: Startup): Promise<void> {
  const { time, peers, transport, progress, signal } = startup;
  startup.become('loading', 'the node takes a snapshot');
  const names = [...peers.urls.keys()];
  await loadSnapshot({
    time,
    replica: data.replica,
    // The others know of this replica, too, as soon as they have delivered its admission.
    peers: source === undefined ? names : [source, ...names.filter((name) => name !== source)],
    transport,
    keys: data.keys,
    mustCover: data.log.start,
    progress,
    signal,
  });
}

/**
 * Whether a snapshot that is staged whole is to be taken over before the node serves: one without which it cannot, or that
 * was begun to be taken over, which the log tells. Any other is taken anew if it is still needed, and asked about then.
 */
function mustInstall({ joined, needsSnapshot, log, keys: { staged } }: NodeData): boolean {
  if (staged?.next !== 'complete') return false;
  return !joined || needsSnapshot || covers(log.clock, staged.checkpoint.clock);
}
