import type { HybridTimestamp } from '../core/clock/hybridClock.js';
import type { VersionVector } from '../core/clock/versionVector.js';
import type { Member } from '../core/member.js';
import type { Keyspace, RequestTable } from '../core/state.js';
import type { Versions } from '../core/versions.js';

/**
 * The seam behind which the versions of every key live, ordered by key (by the bytes of its UTF-8 form). Contract
 * (test/contracts/keyStore.ts; memory and lmdb pass it):
 * - `get`, `set` and `scan` are synchronous; `set` is visible at once and durable after a later `checkpoint`.
 * - A checkpoint is one transaction: after a crash the store holds exactly what one checkpoint wrote, with its facts.
 * - After `close`, every call but `close` fails with KVC_E_CLOSED.
 */
export interface KeyStore extends Keyspace {
  /** The facts of the checkpoint that was found on opening. */
  readonly opened: Checkpoint;

  /** Kept and checkpointed together with the keys. */
  readonly requests: RequestTable;

  /** Keys in order, from the first that starts with `prefix` and comes after `after`; at most `limit` (>= 1). */
  scan(range: ScanRange): KeyEntry[];

  /** How many keys and requests have changed since the last checkpoint began: what a checkpoint would write. 0 in memory. */
  readonly dirtyKeys: number;

  /**
   * Writes all that was set before the call, together with `checkpoint`, once `logged` resolves: the store must never
   * hold an update that the log could still lose. What is set after the call belongs to the next checkpoint. At most one
   * checkpoint runs at a time. If it fails (KVC_E_STORE_FAILED, or what `logged` rejects with), nothing that was set is
   * lost from memory.
   */
  checkpoint(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void>;

  stats(): StoreStats;

  /** Releases everything; makes no checkpoint. */
  close(): Promise<void>;
}

/** The facts that are stored in the same transaction as the keys they describe. */
export interface Checkpoint {
  /** The updates that the stored keys reflect. */
  readonly clock: VersionVector;
  /** The greatest timestamp among them. */
  readonly timestamp: HybridTimestamp;
  /** How many keys have a value (their winner is no tombstone). */
  readonly liveKeys: number;
  /** How many keys have siblings. */
  readonly conflictedKeys: number;
  /** All replicas that belong to the cluster or once did, sorted by id. */
  readonly members: readonly Member[];
}

export interface ScanRange {
  readonly prefix: string;
  /** Exclusive lower bound; absent: from the beginning. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface KeyEntry {
  readonly key: string;
  readonly versions: Versions;
}

export interface StoreStats {
  /** Keys with a value or a tombstone. */
  readonly entries: number;
  /** Bytes on disk; 0 for the store in memory. */
  readonly bytes: number;
}
