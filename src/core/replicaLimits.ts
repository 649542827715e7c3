import type { PendingLimits } from './delivery.js';
import { linkLimitDefaults, type LinkLimits } from './linkLimits.js';
import type { RequestLimits } from './requests.js';
import type { WriteLimits } from './writes.js';

export interface ReplicaLimits extends PendingLimits, WriteLimits, RequestLimits {
  readonly link: LinkLimits;
}

export const replicaLimitDefaults: ReplicaLimits = {
  pendingMax: 100_000,
  pendingBytesMax: 64 * 1024 * 1024,
  waitingMax: 10_000,
  unpersistedMax: 20_000,
  writeBytesMax: 64 * 1024 * 1024,
  requestIdsMax: 1_000_000,
  requestIdsMs: 60_000,
  link: linkLimitDefaults,
};
