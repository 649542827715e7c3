import { KvcError } from '../errors.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { Time, Timer } from './time.js';

/** How often it is looked whether the event loop keeps up. */
const beatMs = 50;

/**
 * Whether the node keeps up with what is asked of it. Where it does not it turns requests away at once, which tells clients
 * to come back later or go elsewhere; taking them in would make everybody wait, and memory grow.
 */
export class Overload {
  readonly #limits: NodeLimits;
  readonly #time: Time;
  #timer: Timer | undefined;
  #beatAtMs = 0;
  #lagMs = 0;
  #openRequests = 0;
  #turnedAway = 0;

  constructor({ limits, time }: { readonly limits: NodeLimits; readonly time: Time }) {
    this.#limits = limits;
    this.#time = time;
  }

  start(): void {
    this.#beatAtMs = this.#time.now();
    this.#timer = this.#time.every(beatMs, () => this.#beat());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Requests turned away since the node started. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** A client's request arrives; each that is admitted ends by `requestEnded`. */
  requestBegins(): KvcError | undefined {
    const { openRequestsMax, loopLagMsMax } = this.#limits;
    if (this.#openRequests >= openRequestsMax) {
      return this.#turnAway(`${this.#openRequests} requests are being served`);
    }
    if (this.#lagMs > loopLagMsMax) {
      return this.#turnAway(`the node is ${Math.round(this.#lagMs)} ms behind its work`);
    }
    this.#openRequests += 1;
    return undefined;
  }

  requestEnded(): void {
    this.#openRequests -= 1;
  }

  /**
   * A client wants to write.
   * @param waitedMs - for the flush that is under way
   */
  refusalOfWrite(waitedMs: number): KvcError | undefined {
    if (waitedMs <= this.#limits.diskLagMsMax) return undefined;
    return this.#turnAway(`the disk has not finished a flush for ${Math.round(waitedMs)} ms`);
  }

  #beat(): void {
    const nowMs = this.#time.now();
    // Half of the lag stays from one beat to the next, so that one long turn does not pass for relief right after it.
    this.#lagMs = Math.max(nowMs - this.#beatAtMs - beatMs, this.#lagMs / 2);
    this.#beatAtMs = nowMs;
  }

  #turnAway(why: string): KvcError {
    this.#turnedAway += 1;
    return new KvcError('KVC_E_OVERLOADED', `${why}, which is the limit; try again later or at another node`);
  }
}
