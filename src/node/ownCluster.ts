import { KvcError } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';

/**
 * @param sender - the cluster that a message says it comes from; one by hand may leave it out
 * @throws KvcError KVC_E_CLUSTER_FOREIGN
 */
export function requireOwnCluster(sender: string | undefined, config: NodeConfig): void {
  const { clusterId, clusterName, self } = config;
  if (sender === undefined || sender === clusterId) return;
  throw new KvcError(
    'KVC_E_CLUSTER_FOREIGN',
    `this is ${self} of cluster ${clusterName} (${clusterId}); the message comes from cluster ${sender}, one of whose ` +
      'nodes had this port before',
    { cluster: clusterId, sender },
  );
}
