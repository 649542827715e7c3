import type { Action } from './actions.js';

/** One line of trace.ndjson: what the nemesis did, or what it saw. */
export interface TraceLine {
  /** Since the clients began. */
  readonly at_ms: number;
  readonly event: 'begins' | 'ends' | 'skipped' | 'failed' | 'phase' | 'seen';
  readonly action?: Action;
  readonly detail?: string;
}

/** What happened, in order. As long as the schedule, so bounded by it. */
export class Trace {
  readonly lines: TraceLine[] = [];
  readonly #now: () => number;
  readonly #onLine: (line: TraceLine) => void;

  /** @param now - ms since the clients began */
  constructor(now: () => number, onLine: (line: TraceLine) => void = () => undefined) {
    this.#now = now;
    this.#onLine = onLine;
  }

  add(event: TraceLine['event'], facts: Pick<TraceLine, 'action' | 'detail'> = {}): void {
    const line = { at_ms: Math.round(this.#now()), event, ...facts };
    this.lines.push(line);
    this.#onLine(line);
  }
}
