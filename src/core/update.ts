import type { Dot } from './clock/dot.js';
import type { HybridTimestamp } from './clock/hybridClock.js';
import type { VersionVector } from './clock/versionVector.js';

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: string };

/**
 * What is logged and replicated, one per write or atomic batch. It is never changed once it has a dot.
 */
export interface Update {
  readonly dot: Dot;
  /**
   * What must be delivered before this update. It has no entry for the update's own replica: the origin's earlier
   * updates are always depended on, which the dot's counter already says.
   */
  readonly dependencies: VersionVector;
  readonly timestamp: HybridTimestamp;
  /** At least one. Applied in order, visible all at once. */
  readonly operations: readonly Operation[];
}
