import type { VersionVector } from '../core/clock/versionVector.js';
import type { Update } from '../core/update.js';

/** `node1:7` */
export type DotText = string;

export interface AcceptedWrite {
  readonly update: Update;
  readonly name: DotText;
  /** What its writer had seen: read or written by its session, or shown by its replica. */
  readonly seen: VersionVector;
  /** What its replica had delivered then: what it did at keys that merge has seen all of that there. */
  readonly atHand: VersionVector;
  /** Everything that happened before it: what its writer had seen, what had happened before that, and so on. */
  readonly past: VersionVector;
}
