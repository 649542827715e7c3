import type { ClientNodes } from './clientNodes.js';
import type { ProtocolName } from './protocolNames.js';
import { RespNodes } from './resp/respNodes.js';
import type { TortureCluster } from './tortureCluster.js';

/** The nodes as one more client asks them. */
export function clientNodes(cluster: TortureCluster, protocol: ProtocolName): ClientNodes {
  if (protocol === 'resp') return new RespNodes(cluster);
  return {
    takesRequestIds: true,
    nodeNames: () => cluster.nodeNames(),
    client: (node) => cluster.client(node),
    // Every request has its session with it.
    beginSession: () => undefined,
  };
}
