import { messageOf } from '../errors.js';
import { runSeed } from './runSeed.js';
import type { WorkerAnswer, WorkerTask } from './seedWorker.js';

/** The process of a `SeedWorker`: is told seeds, answers with results, and ends with whoever started it. */
process.on('message', ({ seed, options }: WorkerTask) => {
  runSeed(seed, options).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ failure: messageOf(error) }),
  );
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes of a terminal: who started this one decides what is still to be done.
process.on('SIGINT', () => undefined);

function answer(content: WorkerAnswer): void {
  process.send?.(content);
}
