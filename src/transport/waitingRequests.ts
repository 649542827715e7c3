import type { Update } from '../core/update.js';
import type { KvcError } from '../errors.js';
import { deferred } from './deferred.js';

/** A request on its way to the peer. */
export interface LinkRequest<T> {
  /** Those that a message carries; none for requests of other kinds. */
  readonly updates: readonly Update[];
  /** Gives it to what comes next. */
  readonly forward: () => Promise<T>;
}

interface WaitingRequest {
  readonly updates: readonly Update[];
  readonly dueMs: number;
  readonly timer: NodeJS.Timeout;
  readonly depart: () => void;
  readonly reject: (error: KvcError) => void;
}

/** Requests that wait for a time of their own each: one with a shorter time overtakes. */
export class WaitingRequests {
  readonly #now: () => number;
  readonly #waiting = new Set<WaitingRequest>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** What waits, in the order of departure. */
  updates(): Update[] {
    return [...this.#waiting]
      .sort((left, right) => left.dueMs - right.dueMs)
      .flatMap(({ updates }) => updates);
  }

  wait<T>({ updates, forward }: LinkRequest<T>, waitMs: number): Promise<T> {
    const { promise, resolve, reject } = deferred<T>();
    const waiting: WaitingRequest = {
      updates,
      dueMs: this.#now() + waitMs,
      timer: setTimeout(() => this.#depart(waiting), waitMs),
      depart: () => resolve(forward()),
      reject,
    };
    this.#waiting.add(waiting);
    return promise;
  }

  /** Lets everything go at once, in the order in which it came. */
  release(): void {
    for (const waiting of this.#waiting) this.#depart(waiting);
  }

  reject(error: KvcError): void {
    for (const { timer, reject } of this.#waiting) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }

  #depart(waiting: WaitingRequest): void {
    this.#waiting.delete(waiting);
    clearTimeout(waiting.timer);
    waiting.depart();
  }
}
