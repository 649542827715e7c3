import type { NodeName } from '../core/ids.js';
import type { Membership } from '../core/membership.js';
import type { ReplicateMessage } from '../protocol/replicateMessage.js';
import type { PeerHandlers } from '../transport/peerHandlers.js';
import type { Transport } from '../transport/transport.js';
import { hasCode } from '../errors.js';
import type { Happenings } from './happenings.js';
import type { NodeJudge } from './nodeJudge.js';

export interface PeerWatch {
  readonly judge: NodeJudge;
  readonly happened: Happenings;
  readonly membership: () => Membership | undefined;
  /** What is left of a process that has ended lets nothing out. */
  readonly isAlive: () => boolean;
}

/** The transport of a node, watched: what it sends must be durable there. */
export function watchedTransport(transport: Transport, watch: PeerWatch): Transport {
  return {
    send: (peer: NodeName, message: ReplicateMessage) => {
      if (watch.isAlive()) watchMessage(message, watch);
      const answer = transport.send(peer, message);
      return answer.catch((error: unknown) => {
        if (hasCode(error, 'KVC_E_NODE_UNKNOWN')) watch.happened['peer did not know the sender'] += 1;
        throw error;
      });
    },
    fetchSnapshot: (peer, request) => transport.fetchSnapshot(peer, request),
    join: (peer, request) => transport.join(peer, request),
    close: () => transport.close(),
  };
}

/** What a node answers its peers, watched: what it says of itself must be durable there. */
export function watchedHandlers(
  handlers: PeerHandlers,
  { judge, happened, isAlive }: PeerWatch,
): PeerHandlers {
  return {
    replicate: async (message) => {
      const answer = await handlers.replicate(message);
      if (isAlive()) judge.leaves(answer.clock, 'answer');
      if (answer.refused > 0) happened['pending update refused'] += 1;
      return answer;
    },
    snapshot: async (request) => {
      const chunk = await handlers.snapshot(request);
      if (isAlive()) judge.leaves(chunk.checkpoint.clock, 'snapshot');
      return chunk;
    },
    join: (request) => handlers.join(request),
  };
}

function watchMessage({ from, clock, updates }: ReplicateMessage, watch: PeerWatch): void {
  const { judge, happened, membership } = watch;
  judge.leaves(clock, 'message');
  for (const { dot } of updates) {
    judge.leaves(new Map([[dot.replica, dot.counter]]), 'shipment');
    if (dot.replica === from) continue;
    happened.relay += 1;
    if (membership()?.hasLeft(dot.replica)) happened['relay for a node that left'] += 1;
  }
}
