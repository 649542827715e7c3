import type { Action } from './actions.js';

/** One line of trace.ndjson: what the nemesis did. */
export interface TraceLine {
  /** Since the clients began. */
  readonly at_ms: number;
  readonly event: 'begins' | 'ends' | 'skipped' | 'failed' | 'phase';
  readonly action?: Action;
  readonly detail?: string;
}

/** What happened, in order. As long as the schedule, so bounded by it. */
export class Trace {
  readonly lines: TraceLine[] = [];
  readonly #now: () => number;

  /** @param now - ms since the clients began */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(event: TraceLine['event'], facts: Pick<TraceLine, 'action' | 'detail'> = {}): void {
    this.lines.push({ at_ms: Math.round(this.#now()), event, ...facts });
  }
}
