import type { DeliveryMode } from '../core/delivery.js';
import type { Happenings, Mark, FaultKind } from './happenings.js';

/** What came of many runs; what `kvc simulate --json` prints. */
export interface SimulationReport {
  /** `unknown`: nothing was wrong, but not all was tried that must be, or it was stopped. */
  readonly verdict: 'consistent' | 'violation' | 'unknown';
  readonly delivery: DeliveryMode;
  readonly first_seed: number;
  /** How many runs there were, up to the failed one. */
  readonly runs: number;
  readonly steps: number;
  /** In virtual time. */
  readonly events: number;
  readonly happened: Readonly<Happenings>;
  /** What never happened in any run, where there were so many that all of it had to. */
  readonly missing: readonly (Mark | FaultKind)[];
  readonly stopped: boolean;
  readonly failure: Failure | null;
}

/** A run in which something was wrong. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The steps that are needed for it, as far as was found; position and words. */
  readonly steps: readonly { readonly position: number; readonly text: string }[];
  /** How many the schedule has. */
  readonly steps_total: number;
  /** What goes wrong with these steps alone. */
  readonly shrunk_violations: readonly string[];
  /** The last that happened before that. */
  readonly trace: readonly string[];
  /** Replays the whole run, and these steps of it alone. */
  readonly replay: string;
  readonly replay_shrunk: string;
}
