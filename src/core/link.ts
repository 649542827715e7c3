import { counterOf, emptyVector, raise, type VersionVector } from './clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import type { LinkLimits } from './linkLimits.js';

/** What a replica has to give of one origin: its updates after `start`, which the log no longer holds, up to `last`. */
export interface Stream {
  readonly origin: ReplicaId;
  readonly start: number;
  readonly last: number;
}

/** Updates `first` to `last` of one origin; none when `last < first`, which is a probe. */
export interface Shipment {
  readonly origin: ReplicaId;
  readonly first: number;
  readonly last: number;
}

/** A peer's answer to one message: the acknowledgement. */
export interface LinkAnswer {
  /** Who answered: under a node's name there may be another replica than the one that was addressed. */
  readonly from: ReplicaId;
  /** The peer's durable vector. */
  readonly clock: VersionVector;
  /** For origins of which it holds more than that in memory: the end of the gap-free prefix that it holds. */
  readonly received: VersionVector;
  /** How many of the message's updates it would not hold, because its pending buffer is full. */
  readonly refused: number;
  /** The nodes that the answering one cannot reach. */
  readonly unreached: readonly NodeName[];
}

/**
 * What one replica knows of one peer, and what to send it next. Loss, repetition and restarts are one mechanism: after
 * whatever went wrong, shipping resumes behind what the peer says it has. Invariants:
 * 1. `acked` only grows: a peer never loses what it has made durable.
 * 2. While anything is unacknowledged there is a message under way or a time at which the next one leaves.
 * 3. A stream goes back only while nothing is under way, so that it is not repeated behind its own back.
 */
export class Link {
  readonly peer: NodeName;
  readonly replica: ReplicaId;
  readonly #self: ReplicaId;
  readonly #limits: LinkLimits;
  readonly #random: () => number;
  readonly #acked = new Map<ReplicaId, number>();
  /** Per origin the last counter shipped, where that is more than is known to have arrived. */
  readonly #shipped = new Map<ReplicaId, number>();
  /** What the peer held in memory when it was last known exactly. */
  #held: VersionVector = emptyVector;
  /** Until the peer has been heard once nothing is shipped, for it may have nearly everything. */
  #isHeard = false;
  #inFlight = 0;
  #turn = 0;
  #failures = 0;
  /** Answers in a row that acknowledged nothing of what is shipped here, while there was always more under way. */
  #answersInVain = 0;
  /** After a failure: ship nothing until what is under way has ended and the pause is over. */
  #rewind = false;
  #resumeHeld: VersionVector = emptyVector;
  #resumeAtMs = 0;
  #lastSentMs = -Infinity;
  #lastHeardMs = -Infinity;

  /** @param random - uniform in [0, 1); the driver's, or a seeded one */
  constructor(replica: ReplicaId, self: ReplicaId, limits: LinkLimits, random: () => number) {
    this.peer = nodeOf(replica);
    this.replica = replica;
    this.#self = self;
    this.#limits = limits;
    this.#random = random;
  }

  /** The peer's durable vector, as far as it has been heard. */
  get acked(): VersionVector {
    return this.#acked;
  }

  /** Whether anything was heard of the peer. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  isBackingOff(nowMs: number): boolean {
    return this.#rewind && nowMs < this.#resumeAtMs;
  }

  /** What to send now; undefined for nothing. */
  nextShipment(streams: readonly Stream[], nowMs: number): Shipment | undefined {
    if (this.#rewind && !this.#resume(nowMs)) return undefined;
    const stream = this.#mayShip(nowMs) ? this.#streamToShip(streams) : undefined;
    if (stream !== undefined) {
      const { origin } = stream;
      this.#turn = streams.indexOf(stream) + 1;
      const first = this.#nextOf(origin);
      const last = Math.min(stream.last, first + this.#limits.batchUpdatesMax - 1);
      this.#shipped.set(origin, last);
      return this.#send({ origin, first, last }, nowMs);
    }
    if (this.#inFlight > 0 || nowMs < this.#probeAtMs(streams)) return undefined;
    return this.#send({ origin: this.#self, first: 1, last: 0 }, nowMs);
  }

  /** When `nextShipment` may have something to send without any other input before. */
  wakeAtMs(streams: readonly Stream[]): number {
    if (this.#rewind) return this.#inFlight === 0 ? this.#resumeAtMs : Infinity;
    if (this.#inFlight < this.#windowMax() && this.#streamToShip(streams) !== undefined) {
      return this.#lastSentMs + this.#limits.paceMs;
    }
    return this.#inFlight === 0 ? this.#probeAtMs(streams) : Infinity;
  }

  /** True if the peer lacks updates of one of these streams that the log no longer holds: only a snapshot can help it. */
  isBehindLog(streams: readonly Stream[]): boolean {
    return this.#isHeard && streams.some((stream) => this.#nextOf(stream.origin) <= stream.start);
  }

  /** The peer is to be told something: if nothing is under way, it is asked at once. */
  hurry(): void {
    if (this.#rewind) return;
    this.#lastSentMs = -Infinity;
    this.#lastHeardMs = -Infinity;
  }

  /** The peer answered one message. */
  answered(answer: LinkAnswer, nowMs: number): void {
    this.#inFlight -= 1;
    this.#answersInVain = this.#inFlight === 0 ? 0 : this.#answersInVain + 1;
    this.heard(answer.clock, nowMs);
    if (answer.refused > 0) {
      this.#failed(nowMs);
      this.#resumeHeld = answer.received;
    } else if (!this.#rewind) {
      this.#failures = 0;
      if (this.#inFlight === 0) this.#restart(answer.received);
    }
  }

  /** One message failed: it may or may not have arrived. */
  unanswered(nowMs: number): void {
    this.#inFlight -= 1;
    this.#failed(nowMs);
    this.#resumeHeld = emptyVector;
  }

  /** The peer's durable vector, from an answer or from a message of its own. */
  heard(clock: VersionVector, nowMs: number): void {
    this.#lastHeardMs = nowMs;
    this.#isHeard = true;
    for (const origin of this.#shipped.keys()) {
      if (counterOf(clock, origin) > counterOf(this.#acked, origin)) this.#answersInVain = 0;
    }
    raise(this.#acked, clock);
  }

  /** Where the stream goes on. */
  #nextOf(origin: ReplicaId): number {
    return Math.max(this.#arrived(origin), counterOf(this.#shipped, origin)) + 1;
  }

  /** How far the peer is known to have the origin's updates, if only in memory. */
  #arrived(origin: ReplicaId): number {
    return Math.max(counterOf(this.#acked, origin), counterOf(this.#held, origin));
  }

  /** The next stream in turn that has something to ship, so that a busy one does not keep others from their turn. */
  #streamToShip(streams: readonly Stream[]): Stream | undefined {
    if (!this.#isHeard) return undefined;
    for (let count = 0; count < streams.length; count += 1) {
      const stream = streams[(this.#turn + count) % streams.length];
      if (stream === undefined) continue;
      const next = this.#nextOf(stream.origin);
      const unacked = next - 1 - this.#arrived(stream.origin);
      if (next > stream.last || next <= stream.start || unacked >= this.#limits.unackedUpdatesMax) continue;
      return stream;
    }
    return undefined;
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
    this.#restart(this.#resumeHeld);
    return true;
  }

  #restart(held: VersionVector): void {
    this.#held = held;
    this.#shipped.clear();
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

  #probeAtMs(streams: readonly Stream[]): number {
    const { heartbeatMs, probeMs } = this.#limits;
    const isLevel = streams.every(({ origin, last }) => counterOf(this.#acked, origin) >= last);
    if (!isLevel) return this.#lastSentMs + probeMs;
    return Math.max(this.#lastHeardMs, this.#lastSentMs) + heartbeatMs;
  }

  #send(shipment: Shipment, nowMs: number): Shipment {
    this.#inFlight += 1;
    this.#lastSentMs = nowMs;
    return shipment;
  }
}
