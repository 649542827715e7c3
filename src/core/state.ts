import type { Update } from './update.js';
import type { Versions } from './versions.js';

/**
 * The two things that a replica keeps and that may be larger than memory. Both are synchronous and change nothing
 * durable by themselves: durability is asked for by a `persist` effect and reported back by a `persisted` input.
 */
export interface ReplicaState {
  readonly keys: Keyspace;
  readonly history: History;
}

/** The current versions of every key. */
export interface Keyspace {
  get(key: string): Versions | undefined;
  /** Visible to the next `get`. Never called with an empty list. */
  set(key: string, versions: Versions): void;
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
}
