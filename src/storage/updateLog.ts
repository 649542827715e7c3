import type { VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { History } from '../core/state.js';
import type { Update } from '../core/update.js';

/**
 * The seam behind which the update log lives: every update that a replica has accepted or delivered, in that order, to be
 * read back by (origin, counter). Contract (test/contracts/updateLog.ts; memory and files pass it):
 * - `append` is synchronous and buffered; `read` and `conflicts` see the update at once.
 * - Durability is by prefix, and only `flush` promises it.
 * - After a failed flush what the disk holds is unknown: every later call of `append` and `flush` fails with
 *   KVC_E_LOG_FAILED. After `close`, every call but `close` fails with KVC_E_CLOSED.
 * - The caller appends each origin's updates in the order of their counters, without gaps.
 */
export interface UpdateLog extends History {
  /**
   * Makes durable all that was appended before the call. Calls that overlap share one flush of the disk (group commit).
   * Resolves with the sequence number up to which the log is now durable.
   */
  flush(): Promise<number>;

  /**
   * The origin's updates `first` to `last`, in order. Stops early, but never before the first update, where the next one
   * would exceed `bytesMax` bytes of encoded updates; the caller asks again from where it stopped. Counters that the log does not
   * hold are a KVC_E_INTERNAL.
   */
  read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]>;

  /** What the log contains, appended included. */
  readonly clock: VersionVector;

  stats(): LogStats;

  /** Flushes and releases everything. */
  close(): Promise<void>;
}

export interface LogStats {
  readonly updates: number;
  readonly bytes: number;
  readonly segments: number;
}
