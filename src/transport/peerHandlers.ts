import type { JoinRequest } from '../protocol/joinJson.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import type { SnapshotChunk } from '../protocol/snapshotChunk.js';
import type { SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';

/** What a node does with what its peers ask by a `Transport`: it answers, or throws a KvcError to refuse. */
export interface PeerHandlers {
  replicate(message: ReplicateMessage): Promise<ReplicateAnswer>;
  snapshot(request: SnapshotPartRequest): Promise<SnapshotChunk>;
  join(request: JoinRequest): Promise<void>;
}
