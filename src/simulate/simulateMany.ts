import { availableParallelism } from 'node:os';
import { explainFailure } from './explainFailure.js';
import { addHappenings, faultKinds, marks, nothingHappened } from './happenings.js';
import type { SimulationReport } from './report.js';
import type { RunOptions, RunResult } from './runSeed.js';
import { SeedWorker } from './seedWorker.js';

export interface SimulateOptions extends RunOptions {
  readonly firstSeed: number;
  readonly runs: number;
  /** Ends it early, with what was done so far. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of runs that have ended, out of order. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** In so many runs of all kinds everything happens that is counted. */
const runsForAllMarks = 1000;

/**
 * Plays many runs, on all cores. What comes of it depends on seeds and options alone: results count in the order of the
 * seeds, up to the first failure, which is shrunk.
 */
export async function simulateMany(options: SimulateOptions): Promise<SimulationReport> {
  const results = await runAll(options);
  const happened = nothingHappened();
  let [steps, events] = [0, 0];
  for (const result of results) {
    addHappenings(happened, result.happened);
    steps += result.steps;
    events += result.events;
  }
  const failed = results.find(({ verdict }) => verdict === 'violation');
  const stopped = failed === undefined && results.length < options.runs;
  const missing = mustTryAll(options) && !stopped ? notSeen(happened) : [];
  const isUnknown = stopped || missing.length > 0;
  return {
    verdict: failed !== undefined ? 'violation' : isUnknown ? 'unknown' : 'consistent',
    delivery: options.delivery,
    first_seed: options.firstSeed,
    runs: results.length,
    steps,
    events,
    happened,
    missing: failed === undefined ? missing : [],
    stopped,
    failure: failed === undefined ? null : await explainFailure(failed, options),
  };
}

/** @returns the results of the first seeds, in their order: all, or up to the first failure, or as far as it got */
async function runAll(options: SimulateOptions): Promise<RunResult[]> {
  const { firstSeed, runs, signal, onProgress, delivery, nodes, steps, only } = options;
  const results: (RunResult | undefined)[] = [];
  let [next, end, done] = [0, runs, 0];
  const work = async (): Promise<void> => {
    const worker = new SeedWorker();
    try {
      while (next < end && signal?.aborted !== true) {
        const index = next;
        next += 1;
        const result = await worker.run(
          { seed: firstSeed + index, options: { delivery, nodes, steps, only } },
          signal,
        );
        if (result === undefined) return;
        results[index] = result;
        done += 1;
        onProgress?.(done);
        // What comes after a failure is of no interest any more; what comes before may fail, too.
        if (result.verdict === 'violation') end = Math.min(end, index + 1);
      }
    } finally {
      await worker.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), runs) }, work));
  const counted = results.slice(0, end);
  const gap = Array.from(counted, (result) => result === undefined).indexOf(true);
  return counted.slice(0, gap < 0 ? counted.length : gap).flatMap((result) => result ?? []);
}

/** With fewer runs, or where the user has a say in what happens, something may be missing by rights. */
function mustTryAll({ runs, nodes, steps, only }: SimulateOptions): boolean {
  return runs >= runsForAllMarks && nodes === undefined && steps === undefined && only === undefined;
}

function notSeen(happened: Readonly<Record<string, number>>): SimulationReport['missing'] {
  return [...faultKinds, ...marks].filter((kind) => happened[kind] === 0);
}
