import type { Operation } from './history.js';

/** What is judged, from weak to strong; docs/checking.md defines each. */
export type Level =
  | 'read-your-writes'
  | 'monotonic-reads'
  | 'monotonic-writes'
  | 'writes-follow-reads'
  /** Causal consistency, causal memory and causal convergence of Bouajjani et al., POPL 2017. */
  | 'CC'
  | 'CM'
  | 'CCv'
  /** Transactional causal consistency of Biswas and Enea, OOPSLA 2019. */
  | 'TCC'
  /** All replicas end with the same, and with nothing older than what was acknowledged. */
  | 'convergence';

/** Whether a history has a level of consistency; unknown where that could not be found out. */
export type Verdict = 'consistent' | 'violation' | 'unknown';

/** The verdict on a history. It is a violation if a claimed level is violated, else unknown if one is unknown. */
export interface Report {
  readonly verdict: Verdict;
  readonly levels: readonly LevelVerdict[];
  readonly coverage: Coverage;
}

/** The verdict on one level. */
export interface LevelVerdict {
  readonly level: Level;
  readonly verdict: Verdict;
  /** False for a level that is reported only: it does not decide the verdict on the history. */
  readonly isClaimed: boolean;
  /** Why it is unknown. */
  readonly reason?: string;
  readonly anomaly?: Anomaly;
}

/** A violation, with the proof. */
export interface Anomaly {
  /** The bad pattern by its name in the literature: `WriteCORead`, `FracturedRead`, ... */
  readonly pattern: string;
  /** What is wrong, in one or a few sentences. */
  readonly explanation: string;
  readonly witness: Witness;
}

/** A part of the history that shows the violation by itself, and no longer does if any operation is taken out. */
export interface Witness {
  /** In the order of the history. */
  readonly operations: readonly Operation[];
  /** What orders them; ends are indexes into `operations`. */
  readonly edges: readonly WitnessEdge[];
}

/** Why one access of a witness comes before another. */
export interface WitnessEdge {
  readonly from: number;
  readonly to: number;
  /**
   * `session`: one after the other in a session. `reads`: `to` returned what `from` wrote. `before`: `from` must be
   * ordered before `to` because of what was read. `misses`: `from` is what the read `to` should have returned or followed.
   */
  readonly kind: 'session' | 'reads' | 'before' | 'misses';
}

/** How much a history can prove at all. */
export interface Coverage {
  readonly operations: number;
  readonly sessions: number;
  readonly keys: number;
  readonly reads: number;
  readonly writes: number;
  /** Operations that may or may not have happened, and of those the ones that were seen to have. */
  readonly indefinite: number;
  readonly indefiniteSeen: number;
  /** Reads that had a causally earlier write of the same key, by whatever session, which they could have missed. */
  readonly readsAtRisk: number;
  /** Those of them whose write came from another session: the ones that only causal order protects. */
  readonly readsAtRiskOfOthers: number;
  /** Reads that may have returned one of several writes, for a value was written more than once, or one of several deletes. */
  readonly readsUnattributed: number;
  /** Reads that returned siblings. */
  readonly readsOfSiblings: number;
  readonly finalReads: number;
  readonly replicas: number;
}
