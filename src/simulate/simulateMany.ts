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
  const { failed, runs, steps, events, happened } = await runAll(options);
  const stopped = failed === undefined && runs < options.runs;
  const missing = failed === undefined && mustTryAll(options) && !stopped ? notSeen(happened) : [];
  const isUnknown = stopped || missing.length > 0;
  return {
    verdict: failed !== undefined ? 'violation' : isUnknown ? 'unknown' : 'consistent',
    delivery: options.delivery,
    first_seed: options.firstSeed,
    runs,
    steps,
    events,
    happened,
    missing,
    stopped,
    failure: failed === undefined ? null : await explainFailure(failed, options, options.signal),
  };
}

/** @returns the sum of the first seeds, in their order: all, or up to the first failure, or as far as it got */
async function runAll(options: SimulateOptions): Promise<Sum> {
  const { firstSeed, runs, signal, onProgress, delivery, nodes, steps, only } = options;
  const sum = new Sum();
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
        sum.add(index, result);
        done += 1;
        onProgress?.(done);
        // What comes after a failure is of no interest any more; what comes before may fail, too.
        if (result.verdict === 'violation') end = Math.min(end, index + 1);
      }
    } catch (error) {
      end = 0;
      throw error;
    } finally {
      await worker.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), runs) }, work));
  return sum;
}

/** What came of the runs so far, up to the first that failed. A run counts when all those before it have ended. */
class Sum {
  runs = 0;
  steps = 0;
  events = 0;
  readonly happened = nothingHappened();
  failed: RunResult | undefined;
  readonly #early = new Map<number, RunResult>();

  add(index: number, result: RunResult): void {
    this.#early.set(index, result);
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.runs += 1;
      this.steps += next.steps;
      this.events += next.events;
      addHappenings(this.happened, next.happened);
      if (next.verdict === 'violation') this.failed = next;
    }
  }

  #take(): RunResult | undefined {
    if (this.failed !== undefined) return undefined;
    const next = this.#early.get(this.runs);
    this.#early.delete(this.runs);
    return next;
  }
}

/** With fewer runs, or where the user has a say in what happens, something may be missing by rights. */
function mustTryAll({ runs, nodes, steps, only }: SimulateOptions): boolean {
  return runs >= runsForAllMarks && nodes === undefined && steps === undefined && only === undefined;
}

function notSeen(happened: Readonly<Record<string, number>>): SimulationReport['missing'] {
  return [...faultKinds, ...marks].filter((kind) => happened[kind] === 0);
}
