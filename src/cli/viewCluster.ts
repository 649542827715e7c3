import { NodeClient } from '../client/nodeClient.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';
import type { ClusterHandle } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';
import type { ClusterView, NodeView } from '../view/clusterView.js';
import { requireRunning } from './chooseNode.js';

/** A node that takes longer to say how it is counts as unresponsive. */
const answerWithinMs = 1000;

/** Asks all nodes of a cluster that was just found, at the same time. A node that does not answer is part of the picture. */
export async function viewCluster(cluster: ClusterHandle): Promise<ClusterView> {
  const { status } = cluster;
  const nodes = await Promise.all(status.nodes.map(viewNode));
  return { cluster: status.cluster, nodes, faults: status.faults };
}

async function viewNode(node: ControlNodeJson): Promise<NodeView> {
  const { name, state } = node;
  try {
    requireRunning(node);
    const inspect = await new NodeClient(node).inspect({ requestTimeoutMs: answerWithinMs });
    return { name, state, inspect, error: null };
  } catch (error) {
    if (!(error instanceof KvcError)) throw error;
    const { code, message } = error;
    const isOnItsWay = code === 'KVC_E_NOT_READY';
    return {
      name,
      state: state !== 'running' ? state : isOnItsWay ? 'starting' : 'unresponsive',
      inspect: null,
      error: { code, message },
    };
  }
}
