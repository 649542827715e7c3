import { createInterface, type Interface } from 'node:readline';
import { messageOf } from '../../errors.js';
import { paintFor } from '../../view/style.js';
import { completeLine, type CompletionSource } from './completeLine.js';
import type { Shell } from './shell.js';
import type { ShellHistory } from './shellHistory.js';

const interruptedExitCode = 130;

/** Carries out the lines of standard input, one after another, to its end or an `exit`. */
export async function runLines(shell: Shell): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of lines) if (await shell.run(line)) break;
  lines.close();
  process.stdin.destroy();
}

/** Asks for lines at the terminal, until Ctrl-D or an `exit`. */
export function runPrompt(shell: Shell, source: CompletionSource, history: ShellHistory): Promise<void> {
  return new Promise((resolve) => new Prompt(shell, source, history, resolve).next());
}

class Prompt {
  readonly #shell: Shell;
  readonly #history: ShellHistory;
  readonly #lines: Interface;
  readonly #paint = paintFor(process.stdout, process.env);
  /** Lines that were pasted together. */
  readonly #waiting: string[] = [];
  #isRunning = false;
  #isInterrupted = false;

  constructor(shell: Shell, source: CompletionSource, history: ShellHistory, onEnd: () => void) {
    this.#shell = shell;
    this.#history = history;
    this.#lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      history: [...history.lines].reverse(),
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void completeLine(line, source).then((result) => done(null, result));
      },
    });
    const onInterrupt = (): void => this.#interrupt();
    process.on('SIGINT', onInterrupt);
    this.#lines.on('SIGINT', () => this.#clear());
    this.#lines.on('line', (line) => {
      this.#waiting.push(line);
      if (!this.#isRunning) void this.#run();
    });
    this.#lines.once('close', () => {
      process.off('SIGINT', onInterrupt);
      process.stdout.write('\n');
      onEnd();
    });
  }

  next(): void {
    this.#lines.setPrompt(this.#shell.prompt(this.#paint));
    this.#lines.prompt();
  }

  /** While a command runs, the terminal is as it is for any program: Ctrl-C is a signal, and what is typed waits. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#lines.pause();
    process.stdin.setRawMode(false);
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      this.#remember(line);
      this.#isInterrupted = false;
      if (await this.#shell.run(line)) {
        this.#lines.close();
        return;
      }
    }
    process.stdin.setRawMode(true);
    this.#isRunning = false;
    this.next();
  }

  #remember(line: string): void {
    try {
      this.#history.add(line);
    } catch (error) {
      process.stderr.write(`The history could not be kept: ${messageOf(error)}\n`);
    }
  }

  #clear(): void {
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
  }

  /** A program that a command has started gets the signal itself. */
  #interrupt(): void {
    if (!this.#shell.isBusy) return;
    if (this.#isInterrupted) process.exit(interruptedExitCode);
    this.#isInterrupted = true;
    process.stderr.write('The command ends by itself, at its --timeout; Ctrl-C again ends the shell\n');
  }
}
