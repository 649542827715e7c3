import type { VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { History } from '../core/state.js';
import type { Update } from '../core/update.js';

/**
 * The seam behind which the update log lives: every update that a replica has accepted or delivered, in that order, to be
 * read back by (origin, counter), until it is truncated. Contract (test/contracts/updateLog.ts; memory and files pass it):
 * - `append` is synchronous and buffered; `read` and `conflicts` see the update at once.
 * - Durability is by prefix, and only `flush` promises it.
 * - KVC_E_DISK_FULL loses nothing: what a flush could not make durable waits, in its order, for one that finds room, and a
 *   jump has not happened. After any other failure to write what the disk holds is unknown: every later call that changes
 *   the log fails with KVC_E_LOG_FAILED. After `close`, every call but `close` fails with KVC_E_CLOSED.
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
   * would exceed `bytesMax` bytes of encoded updates; the caller asks again from where it stopped. Counters up to
   * `start` are a KVC_E_LOG_TRUNCATED, also when they got there during the call; those beyond `clock` a KVC_E_INTERNAL.
   */
  read(origin: ReplicaId, first: number, last: number, bytesMax: number): Promise<Update[]>;

  /**
   * The updates whose counter is above `after` for their origin, in the order of the log, as far as it was durable at the
   * call. What is truncated before it was read is a KVC_E_LOG_TRUNCATED.
   * @throws KvcError KVC_E_LOG_CORRUPT if `after` does not cover `start`: some of those updates are gone
   */
  replay(after: VersionVector): AsyncIterable<Update>;

  /** What the log contains, appended included, or once contained, or has jumped over. */
  readonly clock: VersionVector;

  /**
   * Per origin, the counter after which the log can be read back. What lies at or before it is gone: truncated, or never
   * held because of a jump.
   */
  readonly start: VersionVector;

  /**
   * Drops the oldest updates that `covered` contains while the log is larger than `keepBytes` (default 0), as far as it can
   * do so in whole files. Resolves, when that is durable, with the bytes freed.
   */
  truncate(covered: VersionVector, keepBytes?: number): Promise<number>;

  /**
   * Lets history go on behind `to`: of every origin whose counter there is beyond `clock`, what lies between was taken from
   * a snapshot of another replica and will never be in this log, and what came before can no longer be read. Other origins
   * stay as they are. Durable when it resolves. The caller neither appends nor flushes meanwhile.
   */
  jump(to: VersionVector): Promise<void>;

  stats(): LogStats;

  /** Flushes and releases everything. */
  close(): Promise<void>;
}

export interface LogStats {
  readonly updates: number;
  readonly bytes: number;
  readonly segments: number;
}
