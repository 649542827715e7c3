import { LineInPlace } from '../view/lineInPlace.js';
import type { Progress } from './runTorture.js';

/** How far a run is, on a terminal only. */
export class ProgressLine {
  readonly #line: LineInPlace;
  readonly #forMs: number;

  constructor(stream: NodeJS.WriteStream, forMs: number) {
    this.#line = new LineInPlace(stream);
    this.#forMs = forMs;
  }

  show(progress: Progress): void {
    this.#line.show(progressText(progress, this.#forMs));
  }

  clear(): void {
    this.#line.clear();
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
