import type { Dot } from '../core/clock/dot.js';
import type { Update } from '../core/update.js';
import type { KvcError } from '../errors.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { deferred, type Deferred } from './deferred.js';

/** Gives a message to what comes next on its way to the peer. */
export type Forward = (message: ReplicateMessage) => Promise<ReplicateAnswer>;

interface HeldMessage {
  readonly message: ReplicateMessage;
  /** How many of the message's updates have been let through. */
  passed: number;
  /** The answers to the parts that have been let through. */
  readonly parts: Promise<ReplicateAnswer>[];
  readonly answer: Deferred<ReplicateAnswer>;
}

/** Messages that wait, in order, until they are stepped through or released. */
export class HeldMessages {
  readonly #forward: Forward;
  readonly #queue: HeldMessage[] = [];

  constructor(forward: Forward) {
    this.#forward = forward;
  }

  /** How many messages wait, one of which some updates have been let through included. */
  get size(): number {
    return this.#queue.length;
  }

  /** What waits, in order; of the first message only what has not been let through. */
  updates(): Update[] {
    return this.#queue.flatMap((held) => remainder(held).updates);
  }

  hold(message: ReplicateMessage): Promise<ReplicateAnswer> {
    const held: HeldMessage = { message, passed: 0, parts: [], answer: deferred() };
    this.#queue.push(held);
    return held.answer.promise;
  }

  /**
   * Lets the first `count` updates through, one message each, and with them every message without updates that comes to
   * the front. Those are no steps: a sender that has not heard its peer yet asks first, and ships nothing until it has.
   */
  step(count: number): Dot[] {
    const released: Dot[] = [];
    for (let held = this.#queue[0]; held !== undefined; held = this.#queue[0]) {
      const update = held.message.updates[held.passed];
      if (update === undefined) this.#passRemainder(held);
      else if (released.length === count) break;
      else {
        released.push(update.dot);
        this.#passUpdate(held, update);
      }
    }
    return released;
  }

  /** Lets everything through, in order. */
  release(): void {
    for (let held = this.#queue[0]; held !== undefined; held = this.#queue[0]) this.#passRemainder(held);
  }

  reject(error: KvcError): void {
    for (const held of this.#queue.splice(0)) held.answer.reject(error);
  }

  #passUpdate(held: HeldMessage, update: Update): void {
    if (held.passed === held.message.updates.length - 1) {
      this.#passRemainder(held);
      return;
    }
    held.passed += 1;
    const part = this.#forward({ ...held.message, updates: [update] });
    // It is looked at again once the last part has left; until then a rejection must not count as unhandled.
    part.catch(() => undefined);
    held.parts.push(part);
  }

  /** The last part: with it the message leaves the queue. */
  #passRemainder(held: HeldMessage): void {
    this.#queue.shift();
    held.parts.push(this.#forward(remainder(held)));
    held.answer.resolve(answerOfParts(held.parts));
  }
}

function remainder({ message, passed }: HeldMessage): ReplicateMessage {
  return passed === 0 ? message : { ...message, updates: message.updates.slice(passed) };
}

/** Settles once every part has: with what the peer has after the last one, or with the first failure. */
async function answerOfParts(parts: readonly Promise<ReplicateAnswer>[]): Promise<ReplicateAnswer> {
  await Promise.allSettled(parts);
  const answers = await Promise.all(parts);
  const refused = answers.reduce((sum, answer) => sum + answer.refused, 0);
  return { ...(answers.at(-1) as ReplicateAnswer), refused };
}
