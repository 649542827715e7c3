import type { Dot } from './clock/dot.js';
import { firstMissing, type VersionVector } from './clock/versionVector.js';
import type { RequestName } from './step.js';
import { WaitIndex } from './waitIndex.js';

interface Waiter<T> {
  readonly request: RequestName;
  readonly context: VersionVector;
  readonly deadlineMs: number;
  readonly item: T;
  missing: Dot;
}

/** Requests whose context is not delivered here yet, each with a deadline. The owner bounds how many. */
export class SessionWaiters<T> {
  readonly #byRequest = new Map<RequestName, Waiter<T>>();
  readonly #waiting = new WaitIndex<Waiter<T>>();
  /** No waiter's deadline is earlier; the exact minimum is found again when it passes. */
  #earliestMs = Infinity;

  get size(): number {
    return this.#byRequest.size;
  }

  get earliestDeadlineMs(): number {
    return this.#earliestMs;
  }

  add(request: RequestName, context: VersionVector, missing: Dot, deadlineMs: number, item: T): void {
    const waiter: Waiter<T> = { request, context, deadlineMs, item, missing };
    this.#byRequest.set(request, waiter);
    this.#waiting.add(missing, waiter);
    this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
  }

  /** Takes out those whose context `clock` covers now that `dot` is delivered. */
  wake(dot: Dot, clock: VersionVector): readonly T[] {
    if (this.size === 0) return nothing;
    const ready: T[] = [];
    for (const waiter of this.#waiting.take(dot)) {
      const missing = firstMissing(clock, waiter.context);
      if (missing === undefined) {
        this.#byRequest.delete(waiter.request);
        ready.push(waiter.item);
      } else {
        waiter.missing = missing;
        this.#waiting.add(missing, waiter);
      }
    }
    return ready;
  }

  /** Takes out those whose deadline has passed. */
  expire(nowMs: number): { request: RequestName; context: VersionVector; item: T }[] {
    if (nowMs < this.#earliestMs) return [];
    const expired = this.#takeAll((waiter) => waiter.deadlineMs <= nowMs);
    this.#earliestMs = Infinity;
    for (const { deadlineMs } of this.#byRequest.values()) {
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
    }
    return expired;
  }

  /** Takes out those whose context is so. */
  takeWhere(
    isSo: (context: VersionVector) => boolean,
  ): { request: RequestName; context: VersionVector; item: T }[] {
    return this.#takeAll(({ context }) => isSo(context));
  }

  /** @returns what waited; undefined if the request does not wait */
  cancel(request: RequestName): T | undefined {
    const waiter = this.#byRequest.get(request);
    if (waiter === undefined) return undefined;
    this.#byRequest.delete(request);
    this.#waiting.remove(waiter.missing, waiter);
    return waiter.item;
  }

  #takeAll(isWanted: (waiter: Waiter<T>) => boolean): Waiter<T>[] {
    const taken = [...this.#byRequest.values()].filter(isWanted);
    for (const waiter of taken) this.cancel(waiter.request);
    return taken;
  }
}

const nothing: readonly never[] = [];
