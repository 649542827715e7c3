import type { Dot } from '../core/clock/dot.js';
import type { DeliveredFacts } from '../core/delivery.js';
import type { ReplicaId } from '../core/ids.js';
import type { RequestId } from '../core/update.js';
import type { Versions } from '../core/versions.js';
import type { SnapshotPosition } from '../protocol/snapshotPosition.js';

/** The facts that are stored in the same transaction as the keys they describe. */
export type Checkpoint = DeliveredFacts;

export interface KeyEntry {
  readonly key: string;
  readonly versions: Versions;
}

export interface RequestEntry {
  readonly request: RequestId;
  readonly dots: readonly Dot[];
}

/** A state as it was at one moment, to be handed to another node part by part. It does not change while it is open. */
export interface StoreCut {
  readonly checkpoint: Checkpoint;
  /** How many requests and keys it holds. */
  readonly entries: number;
  /**
   * The requests and keys that follow `position`: all requests come before all keys, each in order. It stops before the
   * first entry with which the part would exceed `bytesMax` bytes of encoded records, but gives one at least. The same
   * position gives the same part again.
   * @param position - undefined for the beginning, one that an earlier part named as the next, or `firstWithPrefix(...)`
   * @throws KvcError KVC_E_BAD_REQUEST for anything else; KVC_E_CLOSED
   */
  read(position: SnapshotPosition | undefined, bytesMax: number): SnapshotPart;
  /** May be called again. An open cut holds disk space that the store could use again. */
  close(): void;
}

export interface SnapshotPart {
  readonly requests: readonly RequestEntry[];
  readonly keys: readonly KeyEntry[];
  /** Where the next part begins; undefined if this one is the last. */
  readonly next: SnapshotPosition | undefined;
}

/** Whose state a snapshot is, and the cut of it, in the words of the node that made it. */
export interface SnapshotSource {
  readonly replica: ReplicaId;
  readonly snapshot: string;
}

/** How far the snapshot of another node has been received. */
export interface StagedSnapshot {
  readonly source: SnapshotSource;
  readonly checkpoint: Checkpoint;
  /** Where its next part begins; null before the first. */
  readonly next: SnapshotPosition | null | 'complete';
}

/**
 * The receiving side: the snapshot of another node is collected beside the store, and joined into it when it is complete.
 * On disk it survives a restart, with its progress.
 */
export interface SnapshotStaging {
  readonly staged: StagedSnapshot | undefined;

  /** How many requests and keys are staged. */
  readonly stagedEntries: number;

  /** Begins to collect a snapshot; drops what was staged before. Durable when it resolves, like the following two. */
  beginStaging(source: SnapshotSource, checkpoint: Checkpoint): Promise<void>;

  /** Adds a part. Part and progress become durable together. */
  stage(part: Pick<SnapshotPart, 'requests' | 'keys'>, next: SnapshotPosition | 'complete'): Promise<void>;

  dropStaged(): Promise<void>;

  /**
   * Joins the complete staged snapshot into the store, which then holds what delivering the updates of both gives; returns
   * the joined checkpoint, which is `opened` from then on. To be called while nothing has changed since the last checkpoint,
   * as it is directly after opening.
   * If it ends early, by a failure or with the process, it must be called again before anything else: what the store holds
   * meanwhile is neither state. It then comes to the same result, and until it does the snapshot stays staged.
   */
  mergeStaged(): Promise<Checkpoint>;
}
