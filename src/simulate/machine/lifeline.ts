import type { NodeName } from '../../core/ids.js';
import type { Time, Timer } from '../../driver/time.js';
import { LifeTime } from './lifeTime.js';
import type { Universe } from './universe.js';

/** See `Trace.add` for the first two. */
export interface Call {
  readonly what: string;
  readonly detail?: string;
  readonly delayMs: number;
}

/**
 * All that passes between one process on a machine and its outside. JavaScript cannot be ended from without: when the life is
 * over this lets nothing through any more, in either direction, so that what still runs of it has no effect.
 */
export class Lifeline {
  readonly machine: NodeName;
  readonly time: Time;
  readonly #universe: Universe;
  readonly #onCrash: () => void;
  readonly #waiting: (() => void)[] = [];
  #isOver = false;
  #isPaused = false;
  #touchesLeft = Infinity;

  /**
   * @param skewMs - how far the machine's clock is ahead
   * @param onCrash - ends the life, as `crashAt` wants it
   */
  constructor(machine: NodeName, universe: Universe, skewMs: () => number, onCrash: () => void) {
    this.machine = machine;
    this.#universe = universe;
    this.#onCrash = onCrash;
    this.time = new LifeTime(this, universe.timeline, skewMs);
  }

  /** Virtual time, which no clock of a machine shows. */
  get nowMs(): number {
    return this.#universe.timeline.nowMs;
  }

  get isAlive(): boolean {
    return !this.#isOver;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * The life does something to its outside. False if it does not come to it, because its life is over, or is now.
   * @param detail - see `Trace.add`
   */
  touch(what: string, detail?: string): boolean {
    if (this.#isOver) return false;
    this.#touchesLeft -= 1;
    if (this.#touchesLeft === 0) {
      this.#onCrash();
      return false;
    }
    this.#universe.trace.add(this.nowMs, this.machine, what, detail);
    return true;
  }

  /** Something reaches the life within an event: at once, after the pause if it is paused, never if it is over. */
  deliver(run: () => void): void {
    if (this.#isOver) return;
    if (this.#isPaused || this.#waiting.length > 0) this.#waiting.push(run);
    else run();
  }

  /** Something reaches the life in an event of its own, `delayMs` from now. */
  arrive(delayMs: number, run: () => void): Timer {
    let isCancelled = false;
    const timer = this.#universe.timeline.after(delayMs, () => {
      this.deliver(() => {
        // It may have been cancelled by what waited before it for the end of a pause.
        if (!isCancelled) run();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  /**
   * One call to the outside, whose outcome is told `delayMs` from now, in this event where that is 0.
   * @param act - what it does at once, if the life is not over; if it throws, that is told at once
   */
  call<Result>(call: Call, act: () => Result): Promise<Result> {
    return this.task(call, act, (result) => result);
  }

  /**
   * A call that has not done all of its work before its end.
   * @param begin - see `call`
   * @param end - what it does at the end, if the life is not over then
   */
  task<Begun, Result>(
    { what, detail, delayMs }: Call,
    begin: () => Begun,
    end: (begun: Begun) => Result,
  ): Promise<Result> {
    if (!this.touch(what, detail)) return never();
    return new Promise((resolve) => {
      const begun = begin();
      if (delayMs === 0) resolve(end(begun));
      else this.arrive(delayMs, () => resolve(end(begun)));
    });
  }

  crashAt(touches: number): void {
    this.#touchesLeft = touches;
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** What came meanwhile happens in its order, each in an event of its own. */
  resume(): void {
    this.#isPaused = false;
    this.#goOn();
  }

  end(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
  }

  #goOn(): void {
    this.#universe.timeline.after(0, () => {
      if (this.#isPaused || this.#isOver) return;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#goOn();
    });
  }
}

/** What the calls of a life that is over return. One each: what waits for it must not be held by the others. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
