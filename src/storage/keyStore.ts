import type { Keyspace, RequestTable } from '../core/state.js';
import type { Checkpoint, KeyEntry, SnapshotStaging, StoreCut } from './storeSnapshot.js';

export type { Checkpoint, KeyEntry } from './storeSnapshot.js';

/**
 * The seam behind which the versions of every key live, ordered by key (by the bytes of its UTF-8 form), and the request
 * table. Contract (test/contracts/keyStore.ts and storeSnapshot.ts; memory and lmdb pass it):
 * - `get`, `set`, `remove` and `scan` are synchronous; a change is visible at once and durable after a later `checkpoint`.
 * - A checkpoint is one transaction: after a crash the store holds exactly what one checkpoint wrote, with its facts.
 * - What is read is what was written, or the read fails with KVC_E_STORE_CORRUPT.
 * - After `close`, every call but `close` fails with KVC_E_CLOSED.
 */
export interface KeyStore extends Keyspace, SnapshotStaging {
  /** The facts of the checkpoint that was found on opening. */
  readonly opened: Checkpoint;

  /** Kept and checkpointed together with the keys. */
  readonly requests: RequestTable;

  /** How many keys there are, those with nothing but tombstones included. */
  readonly size: number;

  /** Keys in order, from the first that starts with `prefix` and comes after `after`; at most `limit` (>= 1). */
  scan(range: ScanRange): KeyEntry[];

  /** How many keys and requests have changed since the last checkpoint or cut was asked for. 0 in memory. */
  readonly dirtyKeys: number;

  /** How much memory the values of these take, roughly. 0 in memory. */
  readonly dirtyBytes: number;

  /**
   * Writes all that was set or removed before the call, together with `checkpoint`, once `logged` resolves: the store must
   * never hold an update that the log could still lose. What changes after the call belongs to the next checkpoint.
   * Checkpoints and cuts are written one after the other, in the order of the calls. If it fails (KVC_E_DISK_FULL,
   * KVC_E_STORE_FAILED, or what `logged` rejects with), nothing that was set is lost from memory, and the next one writes it.
   */
  checkpoint(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void>;

  /** A cut of all that was set or removed before the call, with `checkpoint` as its facts. Makes a checkpoint of it. */
  cut(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<StoreCut>;

  stats(): StoreStats;

  /** Releases everything, cuts included; makes no checkpoint. */
  close(): Promise<void>;
}

export interface ScanRange {
  readonly prefix: string;
  /** Exclusive lower bound; absent: from the beginning. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface StoreStats {
  /** Bytes on disk; 0 for the store in memory. */
  readonly bytes: number;
  /** Bytes of them in use: the others are free for later checkpoints. */
  readonly usedBytes: number;
}
