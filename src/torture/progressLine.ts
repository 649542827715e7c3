import type { Progress } from './runTorture.js';

/** One line that is written over itself, on a terminal only. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #forMs: number;

  constructor(stream: NodeJS.WriteStream, forMs: number) {
    this.#stream = stream;
    this.#forMs = forMs;
  }

  show(progress: Progress): void {
    if (!this.#stream.isTTY) return;
    this.#overwrite(progressText(progress, this.#forMs).slice(0, Math.max(1, this.#stream.columns - 1)));
  }

  clear(): void {
    if (this.#stream.isTTY) this.#overwrite('');
  }

  /** ESC [K: what an earlier, longer line left behind goes. */
  #overwrite(text: string): void {
    this.#stream.write(`\r${text}\u001b[K`);
  }
}

function progressText({ doing, elapsedMs, operations, last }: Progress, forMs: number): string {
  const seconds = `${Math.floor(elapsedMs / 1000)}/${Math.round(forMs / 1000)} s`;
  switch (doing) {
    case 'starts':
      return 'starting the nodes';
    case 'runs': {
      const action = last?.action;
      const what =
        action === undefined
          ? ''
          : `   ${action.kind} ${'node' in action ? action.node : ''} ${last?.event ?? ''}`;
      return `${seconds}   ${operations} operations${what}`;
    }
    case 'levels':
      return `${seconds}   ${operations} operations   all is healed; waiting until the nodes have the same`;
    case 'checks':
      return `checking ${operations} operations`;
  }
}
