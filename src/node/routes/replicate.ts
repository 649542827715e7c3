import { limits } from '../../protocol/limits.js';
import { parseReplicateRequest, replicateAnswerText } from '../../protocol/replicateJson.js';
import { jsonTextReply, type Exchange, type Reply } from '../exchange.js';
import type { RunningNode } from '../runningNode.js';

/** POST /replicate {from, clock, updates}: answered when what the answer says is durable. */
export async function replicate(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  const message = parseReplicateRequest(await exchange.json(limits.replicateBodyBytesMax));
  return jsonTextReply(replicateAnswerText(await node.driver.receive(message)));
}
