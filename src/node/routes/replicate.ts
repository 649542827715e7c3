import { peerHandlersOf } from '../../driver/peerHandlers.js';
import { limits } from '../../protocol/limits.js';
import { parseReplicateRequest, replicateAnswerText } from '../../protocol/replicateJson.js';
import { clusterHeader } from '../../protocol/replicateMessage.js';
import { jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import { requireOwnCluster } from '../ownCluster.js';
import type { RunningNode } from '../../driver/runningNode.js';

/** POST /replicate {from, clock, updates}: answered when what the answer says is durable. */
export async function replicate(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  requireOwnCluster(exchange.header(clusterHeader), node.config);
  const message = parseReplicateRequest(await exchange.json(limits.replicateBodyBytesMax));
  return jsonTextReply(replicateAnswerText(await peerHandlersOf(() => node).replicate(message)));
}
