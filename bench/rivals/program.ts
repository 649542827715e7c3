import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '../processes/paths.js';

/** What is asked to stop and does not within so long is ended. */
const stopMsMax = 5000;
const lookMs = 20;

/** A program that people would use instead, as it is installed here. */
export interface Installed {
  readonly program: string;
  /** As it tells it itself. */
  readonly version: string;
}

/**
 * @param versionArgs - with which it tells its version and ends
 * @returns undefined if it is not installed
 */
export function findInstalled(program: string, ...versionArgs: readonly string[]): Installed | undefined {
  const { status, stdout } = spawnSync(program, versionArgs, { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'of unknown version';
  return { program, version };
}

/** A rival's process, in a directory of its own. Ended with the benchmark, however that ends. */
export class Program {
  readonly dir: string;
  readonly pid: number;
  readonly #guard: ChildProcess;

  private constructor(guard: ChildProcess, pid: number, dir: string) {
    this.#guard = guard;
    this.pid = pid;
    this.dir = dir;
  }

  /** @param dir - made if it is not there; also holds what the program prints, in `output` */
  static async start(program: string, args: readonly string[], dir: string): Promise<Program> {
    mkdirSync(dir, { recursive: true });
    const output = openSync(join(dir, 'output'), 'a');
    const guard = fork(paths.guard, [program, ...args], {
      cwd: dir,
      execArgv: [],
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    const [{ pid, problem }] = (await once(guard, 'message')) as [{ pid?: number; problem?: string }];
    if (pid === undefined) throw new Error(`${program} cannot be run: ${problem ?? 'no reason is known'}`);
    return new Program(guard, pid, dir);
  }

  /**
   * Looks until `isReady` says so; a failure of it means no.
   * @throws Error with what the program printed last, if it ends or takes longer than `msMax`; it is stopped then
   */
  async whenReady<T>(isReady: () => Promise<boolean>, msMax: number, started: T): Promise<T> {
    const endMs = performance.now() + msMax;
    while (!(await isReady().catch(() => false))) {
      const isLate = performance.now() > endMs;
      if (!isLate && !this.#hasEnded) {
        await sleep(lookMs);
        continue;
      }
      await this.stop();
      throw new Error(`a program was not ready after ${msMax} ms, or ended: ${this.#lastOutput()}`);
    }
    return started;
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = once(this.#guard, 'exit');
    // Without its channel the guard ends the program at once.
    const force = setTimeout(() => this.#guard.disconnect(), stopMsMax);
    this.#guard.kill('SIGTERM');
    await ended;
    clearTimeout(force);
  }

  get #hasEnded(): boolean {
    return this.#guard.exitCode !== null || this.#guard.signalCode !== null;
  }

  #lastOutput(): string {
    return readFileSync(join(this.dir, 'output'), 'utf8').trim().split('\n').slice(-5).join('\n');
  }
}

/** Starts some at a time; if one fails, none stays. */
export async function startAll<Started extends { stop: () => Promise<void> }>(
  starts: readonly Promise<Started>[],
): Promise<Started[]> {
  const outcomes = await Promise.allSettled(starts);
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return started;
  await Promise.all(started.map((each) => each.stop()));
  throw failure.reason;
}
