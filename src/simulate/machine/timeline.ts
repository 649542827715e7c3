import { Heap } from '../../core/heap.js';
import type { Timer } from '../../driver/time.js';

/** One run has some ten thousand events; one that goes round in circles ends here. */
const eventsMaxDefault = 2_000_000;

/** The run did not come to its end within the events that it may have: something in it wakes itself again and again. */
export class Livelock extends Error {
  constructor(events: number, nowMs: number) {
    super(`more than ${events} events, at ${nowMs} ms of virtual time`);
    this.name = 'Livelock';
  }
}

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  /** undefined once it is cancelled. */
  run: (() => void) | undefined;
}

/** Virtual time: what is scheduled happens in the order of its time, and of scheduling where times are equal. */
export class Timeline {
  readonly #heap = new Heap<Event>(isBefore);
  readonly #eventsMax: number;
  #nowMs: number;
  #scheduled = 0;
  #events = 0;

  /** @param eventsMax - how many events there may be in all */
  constructor(startMs = 0, eventsMax = eventsMaxDefault) {
    this.#nowMs = startMs;
    this.#eventsMax = eventsMax;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  after(delayMs: number, run: () => void): Timer {
    this.#scheduled += 1;
    const event: Event = { atMs: this.#nowMs + Math.max(0, delayMs), sequence: this.#scheduled, run };
    this.#heap.push(event);
    return {
      cancel: () => {
        event.run = undefined;
      },
    };
  }

  /**
   * Runs events until the condition holds; false if it does not by `untilMs`, and then that is the time. After each event
   * comes all the asynchronous work that it has set off: in virtual time that takes none. It must wait for nothing real.
   * @throws Livelock; whatever an event throws
   */
  async runUntil(condition: () => boolean, untilMs: number): Promise<boolean> {
    await turn();
    while (!condition()) {
      const run = this.#advance(untilMs);
      if (run === undefined) return false;
      run();
      await settled();
      if (this.#events % eventsPerTurn === 0) await turn();
    }
    return true;
  }

  /** Takes the next event off the heap and sets the clock to its time. */
  #advance(untilMs: number): (() => void) | undefined {
    for (let next = this.#heap.peek(); next !== undefined && next.atMs <= untilMs; next = this.#heap.peek()) {
      this.#heap.pop();
      if (next.run === undefined) continue;
      this.#nowMs = next.atMs;
      this.#events += 1;
      if (this.#events > this.#eventsMax) throw new Livelock(this.#eventsMax, this.#nowMs);
      return next.run;
    }
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
    return undefined;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}

/**
 * How many events pass before the process gets to whatever else it has to do: to a signal, or to notice a rejection that
 * nobody has handled, which would end a node. A turn costs some ten times what draining the promises costs.
 */
const eventsPerTurn = 20;

/**
 * Resolves when no promise is left that could go on. Asked for in a microtask, Node.js comes to the next tick only after all
 * microtasks, also those that they add; that costs a fraction of a turn of the event loop.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
