import { readClusterFile } from '../cluster/clusterFile.js';
import { clusterDir, listClusters } from '../cluster/clusterHome.js';
import { openCluster } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';

export interface ClusterSummary {
  readonly name: string;
  /** unreadable: its cluster file is not one that this version of kvc wrote. */
  readonly state: 'running' | 'stopped' | 'unreadable';
  /** null if unreadable, as are the next two. */
  readonly nodes: number | null;
  readonly delivery: string | null;
  readonly durability: string | null;
  readonly dir: string;
}

/** All clusters of this user, each asked whether it runs. */
export function listClusterStates(): Promise<ClusterSummary[]> {
  return Promise.all(listClusters().map(summarize));
}

async function summarize(name: string): Promise<ClusterSummary> {
  const dir = clusterDir(name);
  try {
    const file = readClusterFile(dir);
    const state = (await isRunning(name)) ? 'running' : 'stopped';
    const { nodes, delivery = null, durability = null } = file ?? {};
    return { name, state, nodes: nodes?.length ?? null, delivery, durability, dir };
  } catch (error) {
    if (!(error instanceof KvcError) || error.code !== 'KVC_E_FORMAT_UNKNOWN') throw error;
    return { name, state: 'unreadable', nodes: null, delivery: null, durability: null, dir };
  }
}

async function isRunning(name: string): Promise<boolean> {
  try {
    await openCluster(name);
    return true;
  } catch (error) {
    if (error instanceof KvcError && error.code === 'KVC_E_CLUSTER_NOT_RUNNING') return false;
    throw error;
  }
}
