import type { Time, Timer } from '../../driver/time.js';
import type { Timeline } from './timeline.js';

/** How a life is reached: part of `Lifeline`. */
interface Reached {
  touch(what: string): boolean;
  arrive(delayMs: number, run: () => void): Timer;
}

/**
 * The clock of a machine as one of its processes sees it: it may be ahead or behind, by another amount at any time, but never
 * goes back, as that of a node does not. Timers do not go by it.
 */
export class LifeTime implements Time {
  readonly #life: Reached;
  readonly #timeline: Timeline;
  readonly #skewMs: () => number;
  /** The most that the clock was ahead of virtual time when it was read: where it is set back it goes on from where it was. */
  #aheadMs = -Infinity;

  constructor(life: Reached, timeline: Timeline, skewMs: () => number) {
    this.#life = life;
    this.#timeline = timeline;
    this.#skewMs = skewMs;
  }

  now(): number {
    this.#aheadMs = Math.max(this.#aheadMs, this.#skewMs());
    return this.#timeline.nowMs + this.#aheadMs;
  }

  after(ms: number, run: () => void): Timer {
    return this.#life.touch('timer') ? this.#life.arrive(ms, run) : silent;
  }

  every(ms: number, run: () => void): Timer {
    if (!this.#life.touch('timer')) return silent;
    // One at a time: of those that a pause holds back, only one rings after it.
    const ring = (): void => {
      timer = this.#life.arrive(ms, ring);
      run();
    };
    let timer = this.#life.arrive(ms, ring);
    return { cancel: () => timer.cancel() };
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  giveWay(): Promise<void> {
    return this.pause(0);
  }

  soon(run: () => void): void {
    this.after(0, run);
  }
}

const silent: Timer = { cancel: () => undefined };
