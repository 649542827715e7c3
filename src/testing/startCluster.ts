import { settleOptions, type SettledOptions, type StartClusterOptions } from './clusterOptions.js';
import { ClusterUnderTest } from './clusterUnderTest.js';
import type { NodeGroup } from './nodeGroup.js';
import type { TestCluster } from './testCluster.js';

/**
 * Starts a cluster for a test; resolves when all of its nodes serve. Nothing is shared with other clusters, so any number may
 * be started at once, in one process or in many. If it fails, nothing is left.
 * @throws KvcError KVC_E_USAGE; KVC_E_START_FAILED if a node does not start
 * @example
 * ```ts
 * await using cluster = await startCluster({ nodes: 3 });
 * await cluster.partition(['node1'], ['node2', 'node3']);
 * // ... what the application does then
 * await cluster.heal();
 * await cluster.converged();
 * ```
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<TestCluster> {
  const settled = settleOptions(options);
  return new ClusterUnderTest(settled, await startGroup(settled));
}

/** Each mode loads what it needs, and not what the other one does. */
async function startGroup(options: SettledOptions): Promise<NodeGroup> {
  if (options.mode === 'processes') {
    const { startProcessGroup } = await import('./processes/startProcessGroup.js');
    return startProcessGroup(options);
  }
  const { InProcessGroup } = await import('./inProcess/inProcessGroup.js');
  return InProcessGroup.start(options);
}
