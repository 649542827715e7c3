import { counterOf, raise, type VersionVector } from './clock/versionVector.js';
import type { NodeName, ReplicaId } from './ids.js';

/** How one replica ships its log to one peer. Times are in ms. */
export interface LinkLimits {
  /** Batches under way on a link that answers promptly. While they are, the next batch fills up. Default 4. */
  readonly window: number;
  /** Batches under way at the most, on a link that is slow to answer. Default 256. */
  readonly windowMax: number;
  /** On a slow link, a further batch leaves beyond `window` after this long, so that latency does not cost freshness. */
  readonly paceMs: number;
  /** Updates in one batch. */
  readonly batchUpdatesMax: number;
  /**
   * A peer that has not acknowledged everything is asked for its vector this long after it was last sent anything. That it
   * talks meanwhile does not count: it may have restarted and lost what it held in memory.
   */
  readonly probeMs: number;
  /** A peer that has acknowledged everything is asked this long after it was last heard. */
  readonly heartbeatMs: number;
  /** The first pause after a failure; it doubles up to the greatest, each time with jitter of half of it. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

export const linkLimitDefaults: LinkLimits = {
  window: 4,
  windowMax: 256,
  paceMs: 20,
  batchUpdatesMax: 512,
  probeMs: 100,
  heartbeatMs: 1000,
  backoffMinMs: 50,
  backoffMaxMs: 1000,
};

/** Updates `first` to `last` of one origin; none when `last < first`, which is a probe. */
export interface Shipment {
  readonly first: number;
  readonly last: number;
}

const probe: Shipment = { first: 1, last: 0 };

export interface LinkAnswer {
  readonly clock: VersionVector;
  readonly received: VersionVector;
  readonly refused: number;
}

/**
 * What one replica knows of one peer, and what to send it next. Loss, repetition and restarts are one mechanism: after
 * whatever went wrong, shipping resumes behind what the peer says it has. Invariants:
 * 1. `acked` only grows: a peer never loses what it has made durable.
 * 2. While anything is unacknowledged there is a message under way or a time at which the next one leaves.
 * 3. `next` goes back only while nothing is under way, so that a stream is not repeated behind its own back.
 */
export class Link {
  readonly peer: NodeName;
  readonly #self: ReplicaId;
  readonly #limits: LinkLimits;
  readonly #random: () => number;
  readonly #acked = new Map<ReplicaId, number>();
  /** The counter to ship next; unknown until the peer has been heard once, for it may have nearly everything. */
  #next: number | undefined;
  #inFlight = 0;
  #failures = 0;
  /** Answers in a row that acknowledged no further update of this replica, while there was always more under way. */
  #answersInVain = 0;
  /** After a failure: ship nothing until what is under way has ended and the pause is over. */
  #rewind = false;
  #resumeAfter = 0;
  #resumeAtMs = 0;
  #lastSentMs = -Infinity;
  #lastHeardMs = -Infinity;

  /** @param random - uniform in [0, 1); the driver's, or a seeded one */
  constructor(peer: NodeName, self: ReplicaId, limits: LinkLimits, random: () => number) {
    this.peer = peer;
    this.#self = self;
    this.#limits = limits;
    this.#random = random;
  }

  /** The peer's durable vector, as far as it has been heard. */
  get acked(): VersionVector {
    return this.#acked;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  isBackingOff(nowMs: number): boolean {
    return this.#rewind && nowMs < this.#resumeAtMs;
  }

  /** What to send now, given that this replica's own updates up to `durable` may be sent; undefined for nothing. */
  nextShipment(durable: number, nowMs: number): Shipment | undefined {
    if (this.#rewind && !this.#resume(nowMs)) return undefined;
    const first = this.#next;
    if (first !== undefined && first <= durable && this.#mayShip(nowMs)) {
      const last = Math.min(durable, first + this.#limits.batchUpdatesMax - 1);
      this.#next = last + 1;
      return this.#send({ first, last }, nowMs);
    }
    if (this.#inFlight === 0 && nowMs >= this.#probeAtMs(durable)) return this.#send(probe, nowMs);
    return undefined;
  }

  /** When `nextShipment` may have something to send without any other input before. */
  wakeAtMs(durable: number): number {
    if (this.#rewind) return this.#inFlight === 0 ? this.#resumeAtMs : Infinity;
    if (this.#next !== undefined && this.#next <= durable && this.#inFlight < this.#windowMax()) {
      return this.#lastSentMs + this.#limits.paceMs;
    }
    return this.#inFlight === 0 ? this.#probeAtMs(durable) : Infinity;
  }

  /** The peer answered one message. */
  answered(answer: LinkAnswer, nowMs: number): void {
    this.#inFlight -= 1;
    this.#answersInVain = this.#inFlight === 0 ? 0 : this.#answersInVain + 1;
    this.heard(answer.clock, nowMs);
    if (answer.refused > 0) {
      this.#failed(nowMs);
      this.#resumeAfter = this.#heldByPeer(answer);
    } else if (!this.#rewind) {
      this.#failures = 0;
      if (this.#inFlight === 0) this.#next = this.#heldByPeer(answer) + 1;
    }
  }

  /** One message failed: it may or may not have arrived. */
  unanswered(nowMs: number): void {
    this.#inFlight -= 1;
    this.#failed(nowMs);
    this.#resumeAfter = 0;
  }

  /** The peer's durable vector, from an answer or from a message of its own. */
  heard(clock: VersionVector, nowMs: number): void {
    this.#lastHeardMs = nowMs;
    if (counterOf(clock, this.#self) > counterOf(this.#acked, this.#self)) this.#answersInVain = 0;
    raise(this.#acked, clock);
    this.#next ??= counterOf(this.#acked, this.#self) + 1;
  }

  #heldByPeer(answer: LinkAnswer): number {
    return Math.max(counterOf(this.#acked, this.#self), counterOf(answer.received, this.#self));
  }

  #failed(nowMs: number): void {
    const { backoffMinMs, backoffMaxMs } = this.#limits;
    // What was under way together fails together: that is one failure.
    if (!this.#rewind) this.#failures += 1;
    const pauseMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#failures - 1, 16));
    this.#rewind = true;
    this.#resumeAtMs = nowMs + pauseMs * (0.5 + this.#random() / 2);
  }

  /** Goes on behind what the peer is known to have, if it is time. With nothing to ship it asks: is it there again? */
  #resume(nowMs: number): boolean {
    if (this.#inFlight > 0 || nowMs < this.#resumeAtMs) return false;
    this.#rewind = false;
    this.#lastSentMs = -Infinity;
    this.#lastHeardMs = -Infinity;
    if (this.#next !== undefined) {
      this.#next = Math.max(counterOf(this.#acked, this.#self), this.#resumeAfter) + 1;
    }
    return true;
  }

  #mayShip(nowMs: number): boolean {
    if (this.#inFlight < Math.min(this.#limits.window, this.#windowMax())) return true;
    return this.#inFlight < this.#windowMax() && nowMs >= this.#lastSentMs + this.#limits.paceMs;
  }

  /**
   * A peer that answers and answers without making anything durable either waits for another replica, or restarted and
   * lost what it held. Then nothing leaves until all is answered, for only then is it known where to go on.
   */
  #windowMax(): number {
    return this.#answersInVain < this.#limits.windowMax ? this.#limits.windowMax : 1;
  }

  #probeAtMs(durable: number): number {
    const { heartbeatMs, probeMs } = this.#limits;
    if (counterOf(this.#acked, this.#self) < durable) return this.#lastSentMs + probeMs;
    return Math.max(this.#lastHeardMs, this.#lastSentMs) + heartbeatMs;
  }

  #send(shipment: Shipment, nowMs: number): Shipment {
    this.#inFlight += 1;
    this.#lastSentMs = nowMs;
    return shipment;
  }
}
