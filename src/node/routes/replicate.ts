import { peerHandlersOf } from '../../driver/peerHandlers.js';
import { KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import { parseReplicateRequest, replicateAnswerText } from '../../protocol/replicateJson.js';
import { clusterHeader } from '../../protocol/replicateMessage.js';
import { jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import type { RunningNode } from '../../driver/runningNode.js';

/** POST /replicate {from, clock, updates}: answered when what the answer says is durable. */
export async function replicate(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  assertOwnCluster(exchange, node);
  const message = parseReplicateRequest(await exchange.json(limits.replicateBodyBytesMax));
  return jsonTextReply(replicateAnswerText(await peerHandlersOf(() => node).replicate(message)));
}

/** @throws KvcError KVC_E_CLUSTER_FOREIGN */
export function assertOwnCluster(exchange: Exchange, node: RunningNode): void {
  const { clusterId, clusterName, self } = node.config;
  const sender = exchange.header(clusterHeader);
  if (sender === undefined || sender === clusterId) return;
  throw new KvcError(
    'KVC_E_CLUSTER_FOREIGN',
    `this is ${self} of cluster ${clusterName} (${clusterId}); the message comes from cluster ${sender}, one of whose ` +
      'nodes had this port before',
    { cluster: clusterId, sender },
  );
}
