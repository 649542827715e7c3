import { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';
import type { PeerHandlers } from '../transport/peerHandlers.js';
import type { RunningNode } from './runningNode.js';

/**
 * What a running node does with what its peers ask.
 * @param node - throws KVC_E_NOT_READY while it does not serve
 */
export function peerHandlersOf(node: () => RunningNode): PeerHandlers {
  return {
    replicate: async (message) => node().driver.receive(message),
    snapshot: async (request) => givePart(node(), request),
    join: async (request) => {
      await node().driver.changeMembers({ kind: 'admit', ...request }, limits.timeoutMsDefault);
    },
  };
}

/** @throws KvcError KVC_E_REMOVED, KVC_E_NODE_UNKNOWN, KVC_E_SNAPSHOT_GONE, KVC_E_OVERLOADED */
async function givePart(
  { replica, snapshots }: RunningNode,
  request: SnapshotPartRequest,
): Promise<SnapshotChunk> {
  const { membership } = replica;
  if (membership.hasLeft(request.from)) {
    throw new KvcError('KVC_E_REMOVED', `${request.from} has left the cluster`, { replica: request.from });
  }
  if (!membership.isMember(request.from)) {
    const message = `${request.from} is no member of this cluster, as far as is known here`;
    throw new KvcError('KVC_E_NODE_UNKNOWN', message, { node: request.from });
  }
  return snapshots.read(request);
}
