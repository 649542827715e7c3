import type { Value } from './historyLine.js';

/**
 * What clients did and saw, as the checker takes it: operations in an order in which those of one session stand as it did
 * them. It is all that a verdict rests on; nothing of the system under test is trusted or known.
 */
export type History = readonly Operation[];

/** One request of a session. One of several accesses is atomic, if the system keeps what it promises. */
export interface Operation {
  readonly session: string;
  /** In the order in which they were made. At least one. */
  readonly accesses: readonly Access[];
  readonly isTxn: boolean;
  /** `fail`: it certainly did not happen. `info`: it may have happened, or may yet. */
  readonly status: 'ok' | 'fail' | 'info';
  /** Milliseconds; shown, never judged by. */
  readonly startMs?: number;
  readonly endMs?: number;
  readonly replica?: string;
  /** Made at `replica` when all had spread: what it returns is what the replica ended with. */
  readonly isFinal: boolean;
  /** Where it stands in its file, from 1. */
  readonly line: number;
}

/** One read or write of a key within an operation. */
export type Access = Read | Write;

/** What a read saw. */
export interface Read {
  readonly kind: 'read';
  readonly key: string;
  /** What was there: the winner, then its siblings. Never empty: an absent key is one version, whose value is null. */
  readonly returned: readonly Returned[];
}

/** A version as a read returned it. */
export interface Returned {
  readonly value: Value | null;
  /** The name of its write, where that is known; for null, of the delete. */
  readonly wid?: string;
}

/** What a write left. */
export interface Write {
  readonly kind: 'write';
  readonly key: string;
  /** null: a delete. */
  readonly value: Value | null;
  readonly wid?: string;
}
