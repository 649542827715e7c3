import { peerHandlersOf } from '../../driver/peerHandlers.js';
import { limits } from '../../protocol/limits.js';
import { clusterHeader } from '../../protocol/replicateMessage.js';
import { encodeSnapshotChunk } from '../../protocol/snapshotChunk.js';
import { parseSnapshotPartRequest } from '../../protocol/snapshotPartRequest.js';
import type { Exchange, Reply } from '../exchange.js';
import type { RunningNode } from '../../driver/runningNode.js';
import { requireOwnCluster } from '../ownCluster.js';

/** POST /snapshot {from, snapshot, position}: one part of a snapshot of this node's state, for a member. */
export async function snapshotChunk(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  requireOwnCluster(exchange.header(clusterHeader), node.config);
  const request = parseSnapshotPartRequest(await exchange.json(limits.requestBodyBytesMax));
  const chunk = await peerHandlersOf(() => node).snapshot(request);
  return { status: 200, contentType: 'application/octet-stream', body: encodeSnapshotChunk(chunk) };
}
