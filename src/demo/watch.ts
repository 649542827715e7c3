import { setTimeout as pause } from 'node:timers/promises';

const intervalMs = 4;

/** What a watch has seen: each look put into one word or two, such as `both` or `b without a`. */
export interface Sightings {
  readonly looks: number;
  /** How many looks saw this. */
  count(sight: string): number;
  /** The sights in their order, each run of equal ones once. */
  readonly changes: readonly string[];
}

/** Looks at something some two hundred times a second until it is stopped, and counts what it sees. */
export class Watch implements Sightings {
  readonly changes: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #look: () => Promise<string>;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(look: () => Promise<string>) {
    this.#look = look;
    this.#running = this.#run();
    // A failed look is reported by `stop`, which everyone who starts a watch calls.
    this.#running.catch(() => undefined);
  }

  get looks(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  count(sight: string): number {
    return this.#counts.get(sight) ?? 0;
  }

  /** Looks a last time, so that what stands at the end is among the sights. @throws what a look threw */
  async stop(): Promise<Sightings> {
    this.#stopped = true;
    await this.#running;
    return this;
  }

  async #run(): Promise<void> {
    for (;;) {
      const isLast = this.#stopped;
      const sight = await this.#look();
      this.#counts.set(sight, this.count(sight) + 1);
      if (this.changes.at(-1) !== sight) this.changes.push(sight);
      if (isLast) return;
      await pause(intervalMs);
    }
  }
}
