import type { KvcError } from '../errors.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { deferred, type Deferred } from './deferred.js';

/** Gives a message to what comes next on its way to the peer. */
export type Forward = (message: ReplicateMessage) => Promise<ReplicateAnswer>;

interface DelayedMessage {
  readonly message: ReplicateMessage;
  readonly dueMs: number;
  readonly timer: NodeJS.Timeout;
  readonly answer: Deferred<ReplicateAnswer>;
}

/** Messages that wait for a time of their own each: one with a shorter delay overtakes. */
export class DelayedMessages {
  readonly #forward: Forward;
  readonly #now: () => number;
  readonly #waiting = new Set<DelayedMessage>();

  constructor(forward: Forward, now: () => number) {
    this.#forward = forward;
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** What waits, in the order of departure. */
  messages(): ReplicateMessage[] {
    return [...this.#waiting].sort((left, right) => left.dueMs - right.dueMs).map(({ message }) => message);
  }

  delay(message: ReplicateMessage, delayMs: number): Promise<ReplicateAnswer> {
    const delayed: DelayedMessage = {
      message,
      dueMs: this.#now() + delayMs,
      timer: setTimeout(() => this.#depart(delayed), delayMs),
      answer: deferred(),
    };
    this.#waiting.add(delayed);
    return delayed.answer.promise;
  }

  /** Lets everything go at once, in the order in which it came. */
  release(): void {
    for (const delayed of this.#waiting) this.#depart(delayed);
  }

  reject(error: KvcError): void {
    for (const { timer, answer } of this.#waiting) {
      clearTimeout(timer);
      answer.reject(error);
    }
    this.#waiting.clear();
  }

  #depart(delayed: DelayedMessage): void {
    this.#waiting.delete(delayed);
    clearTimeout(delayed.timer);
    delayed.answer.resolve(this.#forward(delayed.message));
  }
}
