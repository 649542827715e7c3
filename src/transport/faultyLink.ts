import { encodeDot } from '../protocol/clockJson.js';
import type { DotJson } from '../protocol/api.js';
import type { KvcError } from '../errors.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { DelayedMessages, type Forward } from './delayedMessages.js';
import type { LinkRules } from './faultRules.js';
import { HeldMessages } from './heldMessages.js';

/** Where time and chance come from. */
export interface FaultSources {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** ms since 1970. */
  readonly now: () => number;
}

const listedUpdatesMax = 16;

/**
 * One outgoing link with its faults. A message passes the stages in this order: hold, delay, the network. A further
 * kind of fault is a further stage, or a decision between two of them.
 */
export class FaultyLink {
  readonly #sources: FaultSources;
  readonly #send: Forward;
  readonly #held: HeldMessages;
  readonly #delayed: DelayedMessages;
  #rules: LinkRules = {};

  /** @param send - gives a message to the network */
  constructor(send: Forward, sources: FaultSources) {
    this.#sources = sources;
    this.#send = send;
    this.#held = new HeldMessages((message) => this.#passDelay(message));
    this.#delayed = new DelayedMessages(send, sources.now);
  }

  get rules(): LinkRules {
    return this.#rules;
  }

  get held(): number {
    return this.#held.size;
  }

  get delayed(): number {
    return this.#delayed.size;
  }

  /** The first dots that wait, in the order of departure. */
  waitingDots(): DotJson[] {
    return [...this.#delayed.messages(), ...this.#held.messages()]
      .flatMap((message) => message.updates)
      .slice(0, listedUpdatesMax)
      .map((update) => encodeDot(update.dot));
  }

  /** Puts other rules in force. What waits because of a rule that is gone leaves at once, in order. */
  apply(rules: LinkRules): void {
    this.#rules = rules;
    if (rules.delay === undefined) this.#delayed.release();
    if (rules.hold === undefined) this.#held.release();
  }

  send(message: ReplicateMessage): Promise<ReplicateAnswer> {
    return this.#rules.hold === undefined ? this.#passDelay(message) : this.#held.hold(message);
  }

  step(count: number): DotJson[] {
    return this.#held.step(count).map(encodeDot);
  }

  reject(error: KvcError): void {
    this.#held.reject(error);
    this.#delayed.reject(error);
  }

  #passDelay(message: ReplicateMessage): Promise<ReplicateAnswer> {
    const { delay } = this.#rules;
    if (delay === undefined) return this.#send(message);
    const jitterMs = (2 * this.#sources.random() - 1) * delay.jitter_ms;
    return this.#delayed.delay(message, delay.delay_ms + jitterMs);
  }
}
