import type { KvcError } from '../errors.js';
import type { Dot } from './clock/dot.js';
import {
  counterOf,
  emptyVector,
  firstMissing,
  missingDots,
  type VersionVector,
} from './clock/versionVector.js';
import { Delivery, type DeliveredFacts, type DeliveryMode, type PendingLimits } from './delivery.js';
import { Fifo } from './fifo.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import { Link, linkLimitDefaults, type LinkLimits } from './link.js';
import type { PendingUpdates } from './pendingUpdates.js';
import { firstStranger } from './membership.js';
import { depsTimeout, dotReused, overloaded, unknownMember } from './refusals.js';
import { SessionWaiters } from './sessionWaiters.js';
import { ShippedHistory } from './shippedHistory.js';
import type { ReplicaState } from './state.js';
import type { Effect, Input, MessageNumber, RequestNumber } from './step.js';
import { contentBytes, sameUpdate, type Operation, type Update } from './update.js';

export interface ReplicaOptions {
  readonly self: ReplicaId;
  /** All replicas, this one included. */
  readonly members: readonly ReplicaId[];
  readonly delivery: DeliveryMode;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly limits?: Partial<ReplicaLimits>;
}

export interface ReplicaLimits extends PendingLimits {
  /** Requests that wait for their context. Further ones fail with KVC_E_OVERLOADED. */
  readonly waitingMax: number;
  /** Accepted writes that are not durable yet. Further ones fail with KVC_E_OVERLOADED. */
  readonly unpersistedMax: number;
  /** Bytes of the keys and values of all writes that wait, for their context or for the disk. Further ones fail likewise. */
  readonly writeBytesMax: number;
  readonly link: LinkLimits;
}

export const replicaLimitDefaults: ReplicaLimits = {
  pendingMax: 100_000,
  pendingBytesMax: 64 * 1024 * 1024,
  waitingMax: 10_000,
  unpersistedMax: 20_000,
  writeBytesMax: 64 * 1024 * 1024,
  link: linkLimitDefaults,
};

/** What a request does once its context is delivered. */
type Continuation =
  | { readonly kind: 'read'; readonly request: RequestNumber }
  | {
      readonly kind: 'write';
      readonly request: RequestNumber;
      readonly operations: readonly Operation[];
      readonly dependencies: VersionVector;
    };

interface AcceptedWrite {
  readonly sequence: number;
  readonly update: Update;
  readonly request: RequestNumber;
}

/**
 * One replica: a synchronous, deterministic state machine. `step` is given what happened and the time, and says what to
 * do. The node process, the simulator and the tests drive the same function. Invariants:
 * 1. An own update becomes visible, is acknowledged and is shipped only when it is durable, so no dot is given twice.
 * 2. A received update becomes visible when it is delivered, and is acknowledged to its sender when it is durable.
 * 3. History holds updates in an order that respects causality; replaying it rebuilds the same state.
 */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #members: ReadonlySet<ReplicaId>;
  readonly #limits: ReplicaLimits;
  readonly #state: ReplicaState;
  readonly #delivery: Delivery;
  readonly #links: ReadonlyMap<NodeName, Link>;
  readonly #waiters = new SessionWaiters<Continuation>();
  /** Of the writes that wait, for their context or for the disk. */
  #writeBytes = 0;
  readonly #durable: Map<ReplicaId, number>;
  /** The counter of the last write accepted; those above V[self] are on their way to the disk. */
  #issued: number;
  readonly #shipped: ShippedHistory;
  readonly #accepted = new Fifo<AcceptedWrite>();
  readonly #unpersistedRemote = new Fifo<{ readonly sequence: number; readonly dot: Dot }>();
  readonly #unanswered = new Fifo<{
    readonly sequence: number;
    readonly message: MessageNumber;
    readonly refused: number;
  }>();
  /** What is delivered of the other replicas; made when it is needed. */
  #othersDelivered: VersionVector | undefined;
  #appended = 0;
  #persisted = 0;
  #persistAsked = 0;
  #effects: Effect[] = [];

  /** @param recovered - the facts of the state's keys; what history has beyond them is to be given to `replay` */
  constructor(options: ReplicaOptions, state: ReplicaState, recovered: DeliveredFacts) {
    this.#options = options;
    this.#members = new Set(options.members);
    this.#limits = { ...replicaLimitDefaults, ...options.limits };
    this.#state = state;
    this.#delivery = new Delivery(options.delivery, this.#limits, state.keys, recovered);
    this.#durable = new Map(recovered.clock);
    this.#issued = counterOf(recovered.clock, options.self);
    this.#shipped = new ShippedHistory(options.self, this.#issued);
    const peers = options.members.filter((member) => member !== options.self);
    this.#links = new Map(
      peers.map((peer) => [
        nodeOf(peer),
        new Link(nodeOf(peer), options.self, this.#limits.link, options.random),
      ]),
    );
  }

  get self(): ReplicaId {
    return this.#options.self;
  }

  /** The delivered vector, live. */
  get clock(): VersionVector {
    return this.#delivery.clock;
  }

  /** What is durable here, live. */
  get durable(): VersionVector {
    return this.#durable;
  }

  get pending(): PendingUpdates {
    return this.#delivery.pending;
  }

  get links(): Iterable<Link> {
    return this.#links.values();
  }

  get waitingRequests(): number {
    return this.#waiters.size + this.#accepted.size;
  }

  get skewMs(): number {
    return this.#delivery.skewMs;
  }

  facts(): DeliveredFacts {
    return this.#delivery.facts();
  }

  /** Before the first step only: delivers again, in the order of the log, what the keys do not reflect yet. */
  replay(update: Update): void {
    this.#delivery.replay(update);
    this.#durable.set(update.dot.replica, counterOf(this.#delivery.clock, update.dot.replica));
    this.#issued = counterOf(this.#delivery.clock, this.#options.self);
    this.#shipped.note(this.#issued);
  }

  /**
   * @param nowMs - ms since 1970, whole or not, by a clock that does not go back: pauses and deadlines would grow by as much
   * @returns what to do; see Effect
   */
  step(input: Input, nowMs: number): Effect[] {
    this.#effects = [];
    this.#handle(input, nowMs);
    this.#expireWaiters(nowMs);
    this.#askToPersist();
    this.#ship(nowMs);
    return this.#effects;
  }

  /** When the next `tick` is due, if nothing else happens before. */
  wakeAtMs(): number {
    const durable = this.#ownShippable();
    let wakeAtMs = this.#waiters.earliestDeadlineMs;
    for (const link of this.#links.values()) wakeAtMs = Math.min(wakeAtMs, link.wakeAtMs(durable));
    return wakeAtMs;
  }

  #handle(input: Input, nowMs: number): void {
    switch (input.kind) {
      case 'write':
        return this.#write(input, nowMs);
      case 'await':
        return this.#afterContext(input.context, input, { kind: 'read', request: input.request }, nowMs);
      case 'cancel':
        return this.#cancel(input.request);
      case 'receive':
        return this.#receive(input, nowMs);
      case 'persisted':
        return this.#onPersisted(input.sequence, nowMs);
      case 'answered':
        this.#links.get(input.peer)?.answered(input.answer, nowMs);
        this.#shipped.compare(input.answer.clock);
        return this.#shipped.compare(input.answer.received);
      case 'unanswered':
        return this.#links.get(input.peer)?.unanswered(nowMs);
      case 'tick':
        return;
    }
  }

  #write(input: Extract<Input, { kind: 'write' }>, nowMs: number): void {
    if (this.#writeBytes >= this.#limits.writeBytesMax) {
      return this.#fail(input.request, overloaded(`writes of ${this.#writeBytes} bytes wait`));
    }
    this.#writeBytes += contentBytes(input.operations);
    const dependencies = input.context ?? this.#deliveredOfOthers();
    const continuation: Continuation = {
      kind: 'write',
      request: input.request,
      operations: input.operations,
      dependencies,
    };
    this.#afterContext(input.context ?? emptyVector, input, continuation, nowMs);
  }

  #cancel(request: RequestNumber): void {
    this.#releaseBytes(this.#waiters.cancel(request));
  }

  /** Writes share one vector until another replica's update is delivered: most would hold the same entries again. */
  #deliveredOfOthers(): VersionVector {
    return (this.#othersDelivered ??= without(new Map(this.#delivery.clock), this.#options.self));
  }

  #afterContext(
    context: VersionVector,
    input: { readonly request: RequestNumber; readonly deadlineMs: number },
    continuation: Continuation,
    nowMs: number,
  ): void {
    const missing = firstMissing(this.#delivery.clock, context);
    if (missing === undefined) {
      this.#proceed(continuation, nowMs);
    } else if (this.#waiters.size >= this.#limits.waitingMax) {
      this.#releaseBytes(continuation);
      this.#fail(
        input.request,
        overloaded(`${this.#waiters.size} requests wait for their session's dependencies`),
      );
    } else {
      this.#waiters.add(input.request, context, missing, input.deadlineMs, continuation);
    }
  }

  #proceed(continuation: Continuation, nowMs: number): void {
    if (continuation.kind === 'read') this.#effects.push({ kind: 'ready', request: continuation.request });
    else this.#accept(continuation, nowMs);
  }

  /** Gives the write its dot. It is delivered when it is durable. */
  #accept(write: Extract<Continuation, { kind: 'write' }>, nowMs: number): void {
    const refusal = this.#refusalOfWrite();
    if (refusal !== undefined) {
      this.#releaseBytes(write);
      return this.#fail(write.request, refusal);
    }
    this.#issued += 1;
    const update: Update = {
      dot: { replica: this.#options.self, counter: this.#issued },
      dependencies: without(write.dependencies, this.#options.self),
      timestamp: this.#delivery.hybridClock.next(nowMs),
      operations: write.operations,
    };
    this.#accepted.push({ sequence: this.#append(update), update, request: write.request });
  }

  #refusalOfWrite(): KvcError | undefined {
    if (this.#accepted.size >= this.#limits.unpersistedMax) {
      return overloaded(`${this.#accepted.size} writes wait for the disk`);
    }
    return this.#shipped.refusal();
  }

  #receive(input: Extract<Input, { kind: 'receive' }>, nowMs: number): void {
    const error = this.#refusalOfMessage(input);
    if (error !== undefined) {
      this.#effects.push({ kind: 'refuse', message: input.message, error });
      return;
    }
    let refused = 0;
    for (const update of input.updates) {
      if (update.dot.replica === this.#options.self) continue;
      const delivered: Update[] = [];
      if (this.#delivery.offer(update, nowMs, delivered) === 'refused') refused += 1;
      this.#onDelivered(delivered, delivered, nowMs);
    }
    this.#links.get(nodeOf(input.from))?.heard(input.clock, nowMs);
    this.#shipped.compare(input.clock);
    this.#unanswered.push({ sequence: this.#appended, message: input.message, refused });
    this.#answerDurable();
  }

  /** Looks at the whole message before any of it is taken, so that a bad one changes nothing. */
  #refusalOfMessage(input: Extract<Input, { kind: 'receive' }>): KvcError | undefined {
    const unknown = firstStranger(this.#members, input);
    if (unknown !== undefined) return unknownMember(unknown, this.#options.members);
    const reused = input.updates.find((update) => this.#isReused(update));
    return reused && dotReused(reused.dot);
  }

  #isReused(update: Update): boolean {
    const { replica, counter } = update.dot;
    if (replica === this.#options.self && counter > this.#issued) return true;
    const pending = this.pending.get(update.dot);
    if (pending !== undefined) return !sameUpdate(pending.update, update);
    const known = replica === this.#options.self ? this.#issued : counterOf(this.#delivery.clock, replica);
    return counter <= known && this.#state.history.conflicts(update);
  }

  /**
   * Logs what one delivery freed, then goes on with the requests that waited for any of it. In this order, for a write that
   * waited may depend on all of it: ahead of it in the log, a crash could leave the write without its dependencies.
   */
  #onDelivered(delivered: readonly Update[], remote: readonly Update[], nowMs: number): void {
    if (remote.length > 0) this.#othersDelivered = undefined;
    for (const update of remote) {
      this.#unpersistedRemote.push({ sequence: this.#append(update), dot: update.dot });
    }
    for (const { dot } of delivered) this.#wakeWaiters(dot, nowMs);
  }

  #onPersisted(sequence: number, nowMs: number): void {
    this.#persisted = Math.max(this.#persisted, sequence);
    this.#noteDurableRemote();
    while ((this.#accepted.peek()?.sequence ?? Infinity) <= this.#persisted) {
      const write = this.#accepted.shift();
      if (write !== undefined) this.#deliverOwn(write, nowMs);
    }
    this.#answerDurable();
  }

  #noteDurableRemote(): void {
    while ((this.#unpersistedRemote.peek()?.sequence ?? Infinity) <= this.#persisted) {
      const entry = this.#unpersistedRemote.shift();
      if (entry !== undefined) this.#durable.set(entry.dot.replica, entry.dot.counter);
    }
  }

  #deliverOwn({ update, request }: AcceptedWrite, nowMs: number): void {
    const delivered: Update[] = [];
    this.#delivery.deliver(update, delivered);
    this.#durable.set(update.dot.replica, update.dot.counter);
    this.#writeBytes -= contentBytes(update.operations);
    this.#effects.push({ kind: 'written', request, dot: update.dot });
    this.#onDelivered(delivered, delivered.slice(1), nowMs);
  }

  #answerDurable(): void {
    while ((this.#unanswered.peek()?.sequence ?? Infinity) <= this.#persisted) {
      const entry = this.#unanswered.shift();
      if (entry === undefined) return;
      const answer = { clock: new Map(this.#durable), received: this.#received(), refused: entry.refused };
      this.#effects.push({ kind: 'answer', message: entry.message, answer });
    }
  }

  /** For each origin, how far this replica holds its updates without a gap, where that is more than is durable. */
  #received(): VersionVector {
    const received = new Map<ReplicaId, number>();
    for (const origin of this.#options.members) {
      const held = this.pending.runAfter(origin, counterOf(this.#delivery.clock, origin));
      if (held > counterOf(this.#durable, origin)) received.set(origin, held);
    }
    return received;
  }

  #wakeWaiters(dot: Dot, nowMs: number): void {
    for (const continuation of this.#waiters.wake(dot, this.#delivery.clock))
      this.#proceed(continuation, nowMs);
  }

  #expireWaiters(nowMs: number): void {
    for (const { request, context, item } of this.#waiters.expire(nowMs)) {
      this.#releaseBytes(item);
      const missing = missingDots(this.#delivery.clock, context);
      this.#fail(request, depsTimeout(nodeOf(this.#options.self), missing));
    }
  }

  #append(update: Update): number {
    this.#appended = this.#state.history.append(update);
    return this.#appended;
  }

  #askToPersist(): void {
    if (this.#appended === this.#persistAsked) return;
    this.#persistAsked = this.#appended;
    this.#effects.push({ kind: 'persist', sequence: this.#appended });
  }

  #ship(nowMs: number): void {
    const durable = this.#ownShippable();
    for (const link of this.#links.values()) {
      for (;;) {
        const shipment = link.nextShipment(durable, nowMs);
        if (shipment === undefined) break;
        this.#shipped.note(shipment.last);
        this.#effects.push({ kind: 'ship', peer: link.peer, origin: this.#options.self, ...shipment });
      }
    }
  }

  #ownShippable(): number {
    return Math.min(counterOf(this.#durable, this.#options.self), this.#shipped.soundUpTo);
  }

  #releaseBytes(continuation: Continuation | undefined): void {
    if (continuation?.kind === 'write') this.#writeBytes -= contentBytes(continuation.operations);
  }

  #fail(request: RequestNumber, error: KvcError): void {
    this.#effects.push({ kind: 'failed', request, error });
  }
}

function without(vector: VersionVector, replica: ReplicaId): VersionVector {
  if (!vector.has(replica)) return vector;
  const rest = new Map(vector);
  rest.delete(replica);
  return rest;
}
