import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunOptions, RunResult } from './runSeed.js';

const runsFromSource = import.meta.url.endsWith('.ts');

/** What a worker is told. */
export interface WorkerTask {
  readonly seed: number;
  readonly options: RunOptions;
}

/** What it answers. */
export type WorkerAnswer = { readonly result: RunResult } | { readonly failure: string };

/** A process that plays runs, one at a time. A thread would do, too, but the loader of TypeScript works in processes only. */
export class SeedWorker {
  readonly #process: ChildProcess;

  constructor() {
    const path = fileURLToPath(new URL(`./workerMain.${runsFromSource ? 'ts' : 'js'}`, import.meta.url));
    this.#process = fork(path, { execArgv: runsFromSource ? ['--import', loaderUrl()] : [] });
  }

  /**
   * @returns undefined if it was aborted
   * @throws where the process could not be started, or ended, which none does by itself
   */
  run(task: WorkerTask, signal: AbortSignal | undefined): Promise<RunResult | undefined> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#process.removeAllListeners();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        resolve(undefined);
      };
      signal?.addEventListener('abort', abort);
      this.#process.once('message', (answer: WorkerAnswer) => {
        end();
        if ('result' in answer) resolve(answer.result);
        else reject(new Error(`seed ${task.seed}: ${answer.failure}`));
      });
      this.#process.once('error', (error) => {
        end();
        reject(error);
      });
      this.#process.once('exit', (code, killedBy) => {
        end();
        reject(new Error(`seed ${task.seed} ended its process (${killedBy ?? String(code)})`));
      });
      this.#process.send(task);
    });
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

/** By its full address, because node would look for it from the user's working directory. */
function loaderUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
