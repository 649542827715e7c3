import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.js';
import { runSeed, type RunOptions } from './runSeed.js';
import type { WorkerAnswer } from './seedWorker.js';

/** The thread of a `SeedWorker`: is told seeds, answers with results. */
const options = workerData as RunOptions;

parentPort?.on('message', (seed: number) => {
  runSeed(seed, options).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ failure: messageOf(error) }),
  );
});

function answer(content: WorkerAnswer): void {
  parentPort?.postMessage(content);
}
