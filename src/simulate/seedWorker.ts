import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RunOptions, RunResult } from './runSeed.js';

const runsFromSource = import.meta.url.endsWith('.ts');

/** What a worker answers. */
export type WorkerAnswer = { readonly result: RunResult } | { readonly failure: string };

/** A thread that plays runs, one at a time. */
export class SeedWorker {
  readonly #worker: Worker;

  constructor(options: RunOptions) {
    this.#worker = new Worker(
      runsFromSource ? sourceEntry() : new URL('./seedWorkerMain.js', import.meta.url),
      {
        workerData: options,
      },
    );
  }

  /**
   * @returns undefined if it was aborted
   * @throws what ended the thread
   */
  run(seed: number, signal: AbortSignal | undefined): Promise<RunResult | undefined> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#worker.removeAllListeners();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        resolve(undefined);
      };
      signal?.addEventListener('abort', abort);
      this.#worker.once('message', (answer: WorkerAnswer) => {
        end();
        if ('result' in answer) resolve(answer.result);
        else reject(new Error(`seed ${seed}: ${answer.failure}`));
      });
      this.#worker.once('error', (error) => {
        end();
        reject(new Error(`seed ${seed} ended its thread`, { cause: error }));
      });
      this.#worker.postMessage(seed);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** `--import` of tsx does nothing in a thread: there its loader has to be registered by a module of the thread's own. */
function sourceEntry(): URL {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href;
  const entry = new URL('./seedWorkerMain.ts', import.meta.url).href;
  const text = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(entry)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
