import { messageOf } from '../errors.js';
import { drawSchedule, type DrawOptions } from './drawSchedule.js';
import type { Happenings } from './happenings.js';
import type { Schedule } from './schedule.js';
import { settle } from './settle.js';
import { SimulatedCluster } from './simulatedCluster.js';

export interface RunOptions extends DrawOptions {
  /** The positions of the steps that happen; undefined: all. */
  readonly only?: readonly number[] | undefined;
  readonly isTraced?: boolean | undefined;
}

/** What came of one run. It is a function of seed and options alone. */
export interface RunResult {
  readonly seed: number;
  readonly verdict: 'consistent' | 'violation';
  /** What was wrong; the run ended with the first of it. */
  readonly violations: readonly string[];
  readonly happened: Readonly<Happenings>;
  /** How many steps its schedule has, but for those that were left out. */
  readonly steps: number;
  /** How many events there were. */
  readonly events: number;
  /** Empty unless it was asked for. */
  readonly trace: readonly string[];
}

/** Plays the run that a seed stands for: the steps of its schedule, then the end of all faults, and judges it. */
export async function runSeed(seed: number, options: RunOptions): Promise<RunResult> {
  return runSchedule(drawSchedule(seed, options), options);
}

/** Plays a schedule. */
export async function runSchedule(
  schedule: Schedule,
  { only, isTraced = false }: Pick<RunOptions, 'only' | 'isTraced'> = {},
): Promise<RunResult> {
  const cluster = new SimulatedCluster(schedule, isTraced);
  const { oracle, happened, timeline } = cluster.world;
  try {
    await play(cluster, schedule, only);
    if (oracle.violations.length === 0) await settle(cluster);
  } catch (error) {
    oracle.violations.push(
      `the run failed: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`,
    );
  }
  return {
    seed: schedule.seed,
    verdict: oracle.violations.length === 0 ? 'consistent' : 'violation',
    violations: oracle.violations,
    happened,
    steps: only === undefined ? schedule.steps.length : new Set(only).size,
    events: timeline.events,
    trace: cluster.trace.lines,
  };
}

async function play(
  cluster: SimulatedCluster,
  { steps }: Schedule,
  only: readonly number[] | undefined,
): Promise<void> {
  const { timeline, oracle, note } = cluster.world;
  const chosen = only === undefined ? undefined : new Set(only);
  let left = 0;
  steps.forEach((step, position) => {
    if (chosen !== undefined && !chosen.has(position)) return;
    left += 1;
    timeline.after(step.atMs, () => {
      left -= 1;
      note('step', `${position}`, step.kind);
      cluster.apply(step, position);
    });
  });
  await timeline.runUntil(() => left === 0 || oracle.violations.length > 0, Infinity);
}
