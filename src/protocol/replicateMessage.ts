import type { VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { Update } from '../core/update.js';

/**
 * The header in which a node names its cluster. Ports pass from one cluster on this machine to another, and node names
 * are the same in most, so a message may well reach a stranger. A message by hand may leave it out.
 */
export const clusterHeader = 'kvc-cluster';

/** A batch of updates on its way to a peer; without updates, a question for the peer's vector. */
export interface ReplicateMessage {
  readonly from: ReplicaId;
  /** The sender's durable vector. */
  readonly clock: VersionVector;
  readonly updates: readonly Update[];
}

/** The acknowledgement: what the peer has. */
export interface ReplicateAnswer {
  /** The peer's durable vector. */
  readonly clock: VersionVector;
  /** For origins of which it holds more than that in memory: the end of the gap-free prefix that it holds. */
  readonly received: VersionVector;
  /** How many of the message's updates it would not hold, because its pending buffer is full. */
  readonly refused: number;
}
