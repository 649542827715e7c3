import { drawSchedule } from './drawSchedule.js';
import type { Failure } from './report.js';
import { runSchedule, type RunOptions, type RunResult } from './runSeed.js';
import { shrink } from './shrink.js';
import { stepText } from './stepText.js';
import { violationKind } from './violationKind.js';

/** A shrinking ends after so many runs. */
const triesMax = 300;

/** So much of a trace is shown, of what tells something to people. */
const traceLines = 40;
const telling =
  /^\d+ \S+ (\d+|accepts|shows|replicate|snapshot|join|lost|cut|heal|crash|kill|wipe|boot|pause|resume|skew|warn|error) /;

/**
 * Finds a small part of a failed run that fails in the same way.
 * @param signal - ends the search, with what was found so far
 */
export async function explainFailure(
  failed: RunResult,
  options: RunOptions,
  signal?: AbortSignal,
): Promise<Failure> {
  const schedule = drawSchedule(failed.seed, options);
  const all = options.only ?? schedule.steps.map((_, position) => position);
  const kind = kindOf(failed);
  const fails = async (only: readonly number[]): Promise<boolean> =>
    signal?.aborted !== true && kindOf(await runSchedule(schedule, { only })) === kind;
  const only = await shrink(all, fails, triesMax);
  const shrunk = await runSchedule(schedule, { only, isTraced: true });
  const kept = new Set(only);
  return {
    seed: failed.seed,
    violations: failed.violations,
    steps: schedule.steps.flatMap((step, position) =>
      kept.has(position) ? [{ position, text: stepText(step) }] : [],
    ),
    steps_total: schedule.steps.length,
    shrunk_violations: shrunk.violations,
    trace: shrunk.trace.filter((line) => telling.test(`${line} `)).slice(-traceLines),
    replay: replayCommand(failed.seed, options, options.only),
    replay_shrunk: replayCommand(failed.seed, options, only),
  };
}

/** By the first violation: the others follow from it. */
function kindOf({ violations: [first] }: RunResult): string | undefined {
  return first === undefined ? undefined : violationKind(first);
}

function replayCommand(
  seed: number,
  { nodes, steps, delivery }: RunOptions,
  only: readonly number[] | undefined,
): string {
  return [
    `kvc simulate --seed ${seed} --runs 1`,
    ...(nodes === undefined ? [] : [`--nodes ${nodes}`]),
    ...(steps === undefined ? [] : [`--steps ${steps}`]),
    ...(delivery === 'causal' ? [] : [`--delivery ${delivery}`]),
    ...(only === undefined ? [] : [`--only ${only.length === 0 ? 'none' : only.join()}`]),
  ].join(' ');
}
