import type { NodeName } from '../core/ids.js';
import type { JoinRequest } from '../protocol/joinJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';

/**
 * The seam between a node and its peers. Contract (test/contracts/transport.ts; HTTP and memory pass it, plain and
 * wrapped by the fault layer):
 * - Messages to one peer usually arrive in the order of the calls; a caller must survive any order, loss, and repetition.
 * - `send` resolves with the peer's answer, or rejects with a KvcError: KVC_E_NODE_UNREACHABLE where the message may or
 *   may not have arrived, or the peer's own error where it refused.
 * - An answer that does not come is a rejection within bounded time, unless a fault holds the message back.
 * - The other two are single requests, with the same outcomes; whoever asks may ask again.
 * - `close` rejects what is under way with KVC_E_CLOSED, and everything after it.
 */
export interface Transport {
  send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer>;
  /** One part of a snapshot of the peer's state. Not in order with messages. */
  fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk>;
  /** Asks the peer to admit this node to the cluster; it answers when that is durable there. Not in order with messages. */
  join(peer: NodeName, request: JoinRequest): Promise<void>;
  close(): Promise<void>;
}
