import { KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import { encodeSnapshotChunk } from '../../protocol/snapshotChunk.js';
import { parseSnapshotPartRequest } from '../../protocol/snapshotPartRequest.js';
import type { Exchange, Reply } from '../exchange.js';
import type { RunningNode } from '../runningNode.js';
import { assertOwnCluster } from './replicate.js';

/** POST /snapshot {from, snapshot, position}: one part of a snapshot of this node's state, for a member. */
export async function snapshotChunk(exchange: Exchange, node: RunningNode): Promise<Reply> {
  exchange.allowParameters();
  assertOwnCluster(exchange, node);
  const request = parseSnapshotPartRequest(await exchange.json(limits.requestBodyBytesMax));
  const { membership } = node.replica;
  if (membership.hasLeft(request.from)) {
    throw new KvcError('KVC_E_REMOVED', `${request.from} has left the cluster`, { replica: request.from });
  }
  if (!membership.isMember(request.from)) {
    const message = `${request.from} is no member of this cluster, as far as is known here`;
    throw new KvcError('KVC_E_NODE_UNKNOWN', message, { node: request.from });
  }
  const chunk = await node.snapshots.read(request);
  return { status: 200, contentType: 'application/octet-stream', body: encodeSnapshotChunk(chunk) };
}
