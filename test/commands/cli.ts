import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { captureOutput } from '@oclif/test';
import { register } from 'tsx/esm/api';

const top = fileURLToPath(new URL('../../', import.meta.url));
const devEntry = join(top, 'bin/dev.js');

export interface CliOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The command line, from source as bin/dev.js runs it, with a KVC_HOME of its own. Commands run in this process, which
 * takes a tenth of the time; `spawn` starts a process for what only a process can show.
 */
export class Cli {
  readonly home: string;
  readonly #config: Config;

  private constructor(home: string, config: Config) {
    this.home = home;
    this.#config = config;
  }

  static async open(): Promise<Cli> {
    const home = await mkdtemp(join(tmpdir(), 'kvc-cli-'));
    process.env['KVC_HOME'] = home;
    register();
    settings.enableAutoTranspile = false;
    const pjson = JSON.parse(await readFile(join(top, 'package.json'), 'utf8')) as Interfaces.PJSON;
    return new Cli(home, await Config.load({ root: join(top, 'src'), pjson }));
  }

  /** Stops what runs, and removes everything. */
  async close(): Promise<void> {
    await this.run('down', '--all', '--purge');
    await rm(this.home, { recursive: true, force: true });
  }

  /** The file that a command is loaded from, below `src`. */
  sourceOf(command: string): string[] | undefined {
    return this.#config.findCommand(command, { must: true }).relativePath;
  }

  async run(...args: string[]): Promise<CliOutcome> {
    takeExitCode();
    const { error, stdout, stderr } = await captureOutput(() => run(args, this.#config));
    const exitCode = error?.oclif?.exit ?? takeExitCode();
    if (error !== undefined && error.oclif?.exit === undefined) throw error;
    return { exitCode, stdout, stderr };
  }

  /** Runs a command that must succeed, and returns what it prints on stdout. */
  async ok(...args: string[]): Promise<string> {
    const outcome = await this.run(...args);
    if (outcome.exitCode === 0) return outcome.stdout;
    throw new Error(`kvc ${args.join(' ')}: exit ${outcome.exitCode}: ${outcome.stderr}`);
  }

  /** The one JSON document that a command prints, whatever its exit code. */
  async json(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await this.run(...args, '--json');
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  spawn(args: readonly string[], input: string | Buffer = ''): Promise<CliOutcome> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [devEntry, ...args], (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      });
      child.stdin?.end(input);
    });
  }
}

/** What a command has set to be its process's exit code, which is not to become that of the test run. */
function takeExitCode(): number {
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return exitCode;
}
