import type { MachineCounts } from './machineCounts.js';
import type { SeededRandom } from './seededRandom.js';
import type { Timeline } from './timeline.js';
import type { Trace } from './trace.js';

/** What all machines of a run share. */
export interface Universe {
  readonly timeline: Timeline;
  /** Forked, never drawn from. */
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly counts: MachineCounts;
}
