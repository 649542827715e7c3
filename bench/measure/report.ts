import type { Summary } from './statistics.js';

/** MB: a million bytes. */
export type Unit = 'req/s' | 'updates/s' | 'MB/s' | 'ms' | 'us' | 'bytes' | 'MB' | 'x' | '%';

/** One measured figure. */
export interface Figure extends Summary {
  readonly label: string;
  readonly unit: Unit;
}

/** A figure with a target. Targets are shown, never asserted: machines differ, and a busy one must not fail a build. */
export interface Goal extends Figure {
  readonly bound: 'at least' | 'at most';
  readonly target: number;
}

/** One figure in a panel, drawn from 0 to its median, with a line from its low to its high. */
export interface Bar extends Summary {
  readonly label: string;
  /** Drawn so that it stands out. */
  readonly isOurs: boolean;
  /** Where a mark is drawn: what was aimed at. */
  readonly target?: number;
}

/** Bars of one scale. */
export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly bars: readonly Bar[];
}

/** What one section of the benchmark found. */
export interface Report {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
  /** What of it is drawn, besides the goals. Default: nothing. */
  readonly charts?: readonly Panel[];
  /** What a reader must know to read the figures rightly. */
  readonly notes: readonly string[];
  /** Why the figures must not be used; empty if they may. */
  readonly faults: readonly string[];
}

export function isMet(goal: Goal): boolean {
  return goal.bound === 'at least' ? goal.median >= goal.target : goal.median <= goal.target;
}
