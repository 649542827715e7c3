import { setTimeout as sleep } from 'node:timers/promises';
import { KvcError } from '../errors.js';
import { isProcessOf } from '../protocol/processIdentity.js';
import { readClusterFile } from './clusterFile.js';
import { clusterDir, listClusters } from './clusterHome.js';
import { cleanUpCluster } from './launchCluster.js';
import { openCluster, type ClusterHandle } from './openCluster.js';

export interface StopOutcome {
  readonly name: string;
  readonly wasRunning: boolean;
  /** Nodes of which a process was left by a supervisor that died, and was ended. */
  readonly ended: readonly string[];
  /** The cluster and its data are gone: it was asked for, or the cluster was ephemeral. */
  readonly deleted: boolean;
}

/** Each node may take 5 s to stop, and a paused supervisor takes for ever. */
const stopMsMax = 15_000;

/**
 * Stops a cluster and waits until its supervisor is gone; cleans up behind one that died.
 * @throws KvcError KVC_E_CLUSTER_NOT_RUNNING when there was nothing to do; KVC_E_STATE_CONFLICT when it does not end
 */
export async function stopCluster(name: string, purge: boolean): Promise<StopOutcome> {
  try {
    return await stopRunning(await openCluster(name), purge);
  } catch (error) {
    const isStopped = error instanceof KvcError && error.code === 'KVC_E_CLUSTER_NOT_RUNNING';
    if (!isStopped || !listClusters().includes(name)) throw error;
    if (!purge && readClusterFile(clusterDir(name))?.supervisor === null) throw error;
    const ended = await cleanUpCluster(name, purge);
    if (ended.length === 0 && !purge) throw error;
    return { name, wasRunning: false, ended, deleted: isDeleted(name) };
  }
}

/** Stops every cluster that runs; with `purge` deletes every cluster. */
export async function stopAllClusters(purge: boolean): Promise<StopOutcome[]> {
  const outcomes: StopOutcome[] = [];
  for (const name of listClusters()) {
    try {
      outcomes.push(await stopCluster(name, purge));
    } catch (error) {
      if (!(error instanceof KvcError) || error.code !== 'KVC_E_CLUSTER_NOT_RUNNING') throw error;
    }
  }
  return outcomes;
}

async function stopRunning({ name, dir, control }: ClusterHandle, purge: boolean): Promise<StopOutcome> {
  const supervisor = readClusterFile(dir)?.supervisor;
  await control.down({ purge });
  const deadlineMs = performance.now() + stopMsMax;
  while (supervisor && isProcessOf(supervisor.pid, supervisor.instance)) {
    if (performance.now() > deadlineMs) {
      throw new KvcError('KVC_E_STATE_CONFLICT', `cluster "${name}" does not stop`, { try: ['kvc logs'] });
    }
    await sleep(10);
  }
  return { name, wasRunning: true, ended: [], deleted: isDeleted(name) };
}

function isDeleted(name: string): boolean {
  return readClusterFile(clusterDir(name)) === undefined;
}
