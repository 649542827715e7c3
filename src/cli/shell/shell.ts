import type { Config } from '@oclif/core/config';
import { openCluster } from '../../cluster/openCluster.js';
import { KvcError } from '../../errors.js';
import { parseNodeName } from '../../protocol/names.js';
import type { Paint } from '../../view/style.js';
import type { CommandOfKvc, ShellOutcome } from '../baseCommand.js';
import { commandError } from '../commandError.js';
import { errorText } from '../renderError.js';
import { unknownCommand } from '../unknownCommand.js';
import { runChild } from './runChild.js';
import {
  givenFlags,
  newSession,
  promptText,
  sessionText,
  withShellFlags,
  type ShellState,
} from './shellState.js';
import { isQuick, isShellVerb, shellHelp, verbAliases, type ShellVerb } from './shellVerbs.js';
import { splitLine } from './splitLine.js';

export interface ShellOptions {
  readonly config: Config;
  readonly state: ShellState;
  /** Whether commands may read what the shell reads: not where its lines come from there. */
  readonly isInteractive: boolean;
}

/** A shell of kvc: it carries out one line after another, and keeps a node and a session between them. */
export class Shell {
  readonly #config: Config;
  readonly #isInteractive: boolean;
  #state: ShellState;
  #exitCode = 0;
  #isBusy = false;

  constructor({ config, state, isInteractive }: ShellOptions) {
    this.#config = config;
    this.#state = state;
    this.#isInteractive = isInteractive;
  }

  get state(): ShellState {
    return this.#state;
  }

  /** The exit status of the last command that failed; 0 if none did. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** Whether a command runs within this process, which Ctrl-C does not end. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  prompt(paint: Paint): string {
    return promptText(this.#state, paint);
  }

  /** Carries out a line. What fails is printed, and ends nothing. @returns true if the shell is to end */
  async run(line: string): Promise<boolean> {
    try {
      const words = splitLine(line);
      // What errors advise is typed as it stands there.
      const [verb, ...rest] = words[0] === 'kvc' ? words.slice(1) : words;
      if (verb === undefined) return false;
      if (verb === 'exit' && rest.length === 0) return true;
      await this.#runVerb(verb, rest);
    } catch (error) {
      const failure = commandError(error, undefined);
      process.stderr.write(errorText(failure));
      this.#exitCode = failure.kind.exitCode;
    }
    return false;
  }

  async #runVerb(verb: string, rest: readonly string[]): Promise<void> {
    const { id, argv } = this.#commandOf(verb, rest);
    if (id === undefined) return this.#runOwn(verb as ShellVerb, rest);
    if (givenFlags(argv).includes('help')) return this.#help(id.split(':'));
    if (id === 'shell') throw new KvcError('KVC_E_USAGE', 'this is the shell already');
    if (id === 'write' && argv.includes('-')) {
      throw new KvcError('KVC_E_USAGE', 'in the shell there is no standard input to read a value from');
    }
    const command = this.#config.findCommand(id, { must: true });
    const args = withShellFlags(argv, command, this.#state);
    const exitCode = isQuick(id) ? await this.#runQuick(id, args) : await this.#runChild(id, args);
    if (exitCode !== 0) this.#exitCode = exitCode;
  }

  /** The command that a line names, if it names one; `session` is one only before the name of what it can do. */
  #commandOf(verb: string, [second, ...others]: readonly string[]): { id?: string; argv: readonly string[] } {
    const argv = second === undefined ? [] : [second, ...others];
    const id = verbAliases[verb] ?? verb;
    if (second !== undefined && this.#config.findCommand(`${id}:${second}`)) {
      return { id: `${id}:${second}`, argv: others };
    }
    if (isShellVerb(verb)) return { argv };
    if (this.#config.findCommand(id) !== undefined) return { id, argv };
    throw unknownCommand(
      id,
      this.#config.commands.map((command) => command.id),
    );
  }

  async #runQuick(id: string, argv: readonly string[]): Promise<number> {
    const command = (await this.#config.findCommand(id, { must: true }).load()) as unknown as CommandOfKvc;
    this.#isBusy = true;
    try {
      const outcome = await command.runWithinShell(argv, this.#config);
      this.#keep(outcome, argv);
      return outcome.exitCode === 0 ? takeExitCode() : outcome.exitCode;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Goes on with what the shell's own session has seen now, if it was that one's command. */
  #keep({ token }: ShellOutcome, argv: readonly string[]): void {
    const { session } = this.#state;
    if (token === undefined || session.kind !== 'own' || argv[argv.indexOf('--token') + 1] !== session.token)
      return;
    this.#state = { ...this.#state, session: { kind: 'own', token } };
  }

  #runChild(id: string, argv: readonly string[]): Promise<number> {
    return runChild([...id.split(':'), ...argv], this.#isInteractive ? 'inherit' : 'ignore');
  }

  async #runOwn(verb: ShellVerb, rest: readonly string[]): Promise<void> {
    switch (verb) {
      case 'help':
        if (rest.length === 0) print(shellHelp);
        else await this.#help(rest);
        return;
      case 'use':
        return this.#use(oneWord(rest, 'use NODE'));
      case 'session':
        if (rest.length === 0) print(sessionText(this.#state.session));
        else this.#changeSession(oneWord(rest, 'session NAME'));
        return;
      case 'exit':
        throw new KvcError('KVC_E_USAGE', 'exit takes no words');
    }
  }

  async #help(words: readonly string[]): Promise<void> {
    await this.#config.runCommand(
      'help',
      words.map((word) => verbAliases[word] ?? word),
    );
  }

  /** Looked up anew: nodes come and go. */
  async #use(text: string): Promise<void> {
    const cluster = await openCluster(this.#state.cluster);
    this.#state = { ...this.#state, node: cluster.resolveNode(text).name };
  }

  #changeSession(word: string): void {
    const session =
      word === 'new'
        ? newSession
        : word === 'off'
          ? ({ kind: 'none' } as const)
          : ({ kind: 'named', name: parseNodeName(word, 'a session name') } as const);
    this.#state = { ...this.#state, session };
  }
}

function oneWord([word, ...others]: readonly string[], usage: string): string {
  if (word !== undefined && others.length === 0) return word;
  throw new KvcError('KVC_E_USAGE', `write: ${usage}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a command has set to be the exit status of its process, which is this one. */
function takeExitCode(): number {
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return exitCode;
}
