import type { Dot } from './clock/dot.js';
import type { VersionVector } from './clock/versionVector.js';
import type { RequestId, Update } from './update.js';
import type { Versions } from './versions.js';

/**
 * The two things that a replica keeps and that may be larger than memory. Both are synchronous and change nothing
 * durable by themselves: durability is asked for by a `persist` effect and reported back by a `persisted` input.
 */
export interface ReplicaState {
  readonly keys: Keyspace;
  readonly requests: RequestTable;
  readonly history: History;
}

/** The current versions of every key. */
export interface Keyspace {
  get(key: string): Versions | undefined;
  /** Visible to the next `get`. Never called with an empty list. */
  set(key: string, versions: Versions): void;
  /** Forgets a key: all of its versions were tombstones that nothing can miss any more. */
  remove(key: string): void;
  /** How many keys there are, those that hold nothing but tombstones included. */
  readonly size: number;
}

/** Which updates carried which request id, so that a retry is known for what it is. Kept and checkpointed like the keys. */
export interface RequestTable {
  /** The dots of the delivered updates with this id, in the order of their delivery; undefined if there is none. */
  get(request: RequestId): readonly Dot[] | undefined;
  set(request: RequestId, dots: readonly Dot[]): void;
  remove(request: RequestId): void;
  /** At most `limit` of the entries whose id sorts before `before`, in the order of their ids: the oldest first. */
  oldest(before: RequestId, limit: number): { readonly request: RequestId; readonly dots: readonly Dot[] }[];
  /** How many there are. */
  readonly size: number;
}

/** Every update that this replica has accepted or delivered, in the order in which that happened. */
export interface History {
  /**
   * Adds an update and returns its sequence number: 1 for the first since the history was opened, then rising by one.
   * Durability is by prefix: an update is never durable before those appended earlier.
   */
  append(update: Update): number;
  /**
   * True if an update with this dot was appended whose content is different: two writes have been given one name.
   * False also when the content is no longer known.
   */
  conflicts(update: Update): boolean;
  /** Per origin, the last counter that can no longer be read back. */
  readonly start: VersionVector;
}
