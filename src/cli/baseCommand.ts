import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import * as Flags from '@oclif/core/flags';
import { parseNodeName } from '../protocol/names.js';
import type { KvcError } from '../errors.js';
import { clusterNamedIn, remedyFor } from './clusterFlag.js';
import { commandError } from './commandError.js';
import { errorDocument, errorText } from './renderError.js';

/** How a command ended. */
export interface ShellOutcome {
  readonly exitCode: number;
  /** What its session has seen then, where it says. */
  readonly token?: string;
}

/** `--cluster NAME`: a cluster is named by the same rule as a node, for its name is a directory too. */
const cluster = Flags.custom({
  summary: 'Name of the cluster.',
  helpValue: 'NAME',
  helpGroup: 'GLOBAL',
  env: 'KVC_CLUSTER',
  default: 'default',
  parse: (input) => Promise.resolve(parseNodeName(input, 'NAME')),
});

/**
 * What every command shares: `--cluster`, `--json`, and what a failure looks like. A command returns what `--json`
 * prints; data goes to stdout by `this.log`, messages to stderr by `this.logToStderr`, and both are silent with
 * `--json`. This module comes from `@oclif/core`'s parts, because its index takes about as long to load as node itself
 * takes to start; commands import `@oclif/core/flags` and `@oclif/core/args` for the same reason.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = { cluster: cluster() };

  /** Whether a shell runs it, which keeps the token of its session itself. */
  protected isWithinShell = false;
  #failure: KvcError | undefined;

  /** Runs the command to its end, whatever that is, in a process that goes on. What it has to say it prints. */
  static async runWithinShell(
    this: CommandOfKvc,
    argv: readonly string[],
    config: Config,
  ): Promise<ShellOutcome> {
    const command = new this([...argv], config);
    command.isWithinShell = true;
    try {
      return { exitCode: 0, ...seenBy(await command._run()) };
    } catch (error) {
      const exitCode = (error as { oclif?: { exit?: number } }).oclif?.exit;
      if (exitCode === undefined) throw error;
      // Who was told that there is no value has seen that, too.
      const isAnswer = command.#failure?.code === 'KVC_E_KEY_NOT_FOUND';
      return { exitCode, ...(isAnswer ? seenBy(command.#failure?.facts) : {}) };
    }
  }

  override async init(): Promise<void> {
    await super.init();
    if (process.stdout.listeners('error').includes(leaveWhenTheReaderHasLeft)) return;
    process.stdout.on('error', leaveWhenTheReaderHasLeft);
  }

  /** Prints the failure and exits with its code's status. What asks for an exit itself (`--help`) gets it. */
  protected override catch(thrown: Error & { code?: string }): Promise<never> {
    if (thrown.code === 'EEXIT') return Promise.reject(thrown);
    const error = this.#explained(thrown);
    this.#failure = error;
    if (this.jsonEnabled()) this.logJson(errorDocument(error));
    else process.stderr.write(errorText(error));
    return this.exit(error.kind.exitCode);
  }

  protected override toErrorJson(thrown: unknown): unknown {
    return errorDocument(this.#explained(thrown));
  }

  #explained(thrown: unknown): KvcError {
    const error = commandError(thrown, this.id);
    const remedies = error.facts.try;
    if (!Array.isArray(remedies)) return error;
    const cluster = clusterNamedIn(this.argv, process.env);
    return error.with({ try: remedies.map((remedy) => remedyFor(cluster, String(remedy))) });
  }
}

/** A command that can be run: one that says how. */
export type CommandOfKvc = (new (argv: string[], config: Config) => BaseCommand) &
  Pick<typeof BaseCommand, 'runWithinShell'>;

function seenBy(result: unknown): { token?: string } {
  const { session } = (result ?? {}) as { readonly session?: unknown };
  return typeof session === 'string' ? { token: session } : {};
}

/** `kvc logs | head`: nobody reads on, so there is nothing left to do and nothing to complain about. */
function leaveWhenTheReaderHasLeft(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
}
