import { linkLimitDefaults } from '../core/linkLimits.js';
import type { ReplicaLimits } from '../core/replicaLimits.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';

/** The limits of a node that are the replica's to keep. */
export function replicaLimitsOf(limits: NodeLimits): ReplicaLimits {
  return {
    pendingMax: limits.pendingUpdatesMax,
    pendingBytesMax: limits.pendingBytesMax,
    waitingMax: limits.waitingRequestsMax,
    unpersistedMax: limits.unflushedWritesMax,
    writeBytesMax: limits.writeBytesMax,
    requestIdsMax: limits.requestIdsMax,
    requestIdsMs: limits.requestIdsMs,
    link: {
      ...linkLimitDefaults,
      window: Math.min(linkLimitDefaults.window, limits.batchesUnderWayMax),
      windowMax: limits.batchesUnderWayMax,
      batchUpdatesMax: limits.batchUpdatesMax,
    },
  };
}
