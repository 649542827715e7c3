import type { Time, Timer } from './time.js';

export interface RecurringTaskOptions {
  readonly time: Time;
  readonly intervalMs: number;
  readonly run: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** Does something again and again, and never twice at a time. */
export class RecurringTask {
  readonly #options: RecurringTaskOptions;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: RecurringTaskOptions) {
    this.#options = options;
  }

  /** True from `close` on: what runs is to come to an end. */
  get isClosed(): boolean {
    return this.#closed;
  }

  start(): void {
    const { time, intervalMs } = this.#options;
    this.#timer = time.every(intervalMs, () => this.#begin());
  }

  /** Waits for what it does at the moment. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #begin(): void {
    const { run, onFailure } = this.#options;
    this.#running ??= run()
      .catch(onFailure)
      .finally(() => {
        this.#running = undefined;
      });
  }
}
