import type { LinkAnswer } from '../core/link.js';
import type { Message } from '../core/step.js';

/**
 * The header in which a node names its cluster. Ports pass from one cluster on this machine to another, and node names
 * are the same in most, so a message may well reach a stranger. A message by hand may leave it out.
 */
export const clusterHeader = 'kvc-cluster';

/** A batch of updates on its way to a peer; without updates, a question for the peer's vector. */
export type ReplicateMessage = Message;

/** The acknowledgement: what the peer has. */
export type ReplicateAnswer = LinkAnswer;
