import type { KvcError } from '../errors.js';
import { AcceptedKeys } from './acceptedKeys.js';
import type { Dot } from './clock/dot.js';
import {
  counterOf,
  emptyVector,
  firstMissing,
  missingDots,
  type VersionVector,
} from './clock/versionVector.js';
import type { Copies } from './copies.js';
import { dependenciesOf, type DependenciesParts } from './dependenciesOf.js';
import { DurabilityWaits } from './durabilityWaits.js';
import { Fifo } from './fifo.js';
import { nodeOf, type ReplicaId } from './ids.js';
import type { Journal } from './journal.js';
import { depsLost, depsTimeout, notDurable, overloaded, tooManyReplicas } from './refusals.js';
import type { Requests } from './requests.js';
import { SessionWaiters } from './sessionWaiters.js';
import type { Effect, Input, KeyChange, RequestName, TimedRequest } from './step.js';
import { contentBytes, type MemberChange, type Operation, type RequestId, type Update } from './update.js';

export interface WriteLimits {
  /** Requests that wait for their context. Further ones fail with KVC_E_OVERLOADED. */
  readonly waitingMax: number;
  /** Accepted writes that are not durable yet, here or at as many replicas as asked. Further ones fail likewise. */
  readonly unpersistedMax: number;
  /** Bytes of the keys and values of all writes that wait, for their context or for the disk. Further ones fail likewise. */
  readonly writeBytesMax: number;
}

export interface WritesParts extends DependenciesParts {
  readonly limits: WriteLimits;
  readonly journal: Journal;
  readonly requests: Requests;
  readonly copies: Copies;
  /** Why no write can be given a dot; undefined if one can. */
  readonly refusal: () => KvcError | undefined;
  readonly emit: (effect: Effect) => void;
  /** An own update was delivered, and behind it others that waited for it. */
  readonly onDelivered: (update: Update, freed: readonly Update[], nowMs: number) => void;
}

/** A disk may take so long to make a write durable, however little time its client gave to wait for a context. */
const flushMsMin = 5000;

/** Who waits for an accepted write: its client, and those who sent it again. */
export interface WriteWaiter extends TimedRequest {
  readonly replicas: number;
}

type WriteRequest = Extract<Input, { kind: 'write' }> & {
  /** By when it is answered, where it has waited for another write. */
  readonly durableByMs?: number;
};

/** What waits for its context, and then goes on. */
type ClientRequest = WriteRequest | Extract<Input, { kind: 'await' }>;

interface AcceptedWrite {
  readonly sequence: number;
  readonly update: Update;
  waiter: WriteWaiter | undefined;
  /** Who has sent it again. */
  retries: readonly WriteWaiter[];
  readonly tellsChanges: boolean;
}

/** Requests of clients, from their arrival to their answer: they wait for their context, get a dot, become durable. */
export class Writes {
  readonly #parts: WritesParts;
  readonly #waiting = new SessionWaiters<ClientRequest>();
  readonly #accepted = new Fifo<AcceptedWrite>();
  readonly #acceptedKeys = new AcceptedKeys(() => updatesOf(this.#accepted));
  /** Those accepted that have a request id, until they are delivered. */
  readonly #acceptedById = new Map<RequestId, AcceptedWrite>();
  readonly #durabilityWaits: DurabilityWaits;
  /** Of the writes that wait, for their context or for the disk. */
  #bytes = 0;
  /** The counter of the last write accepted; those above V[self] are on their way to the disk. */
  #issued: number;
  #earliestMs = Infinity;

  constructor(parts: WritesParts) {
    this.#parts = parts;
    this.#durabilityWaits = new DurabilityWaits(parts.self);
    this.#issued = counterOf(parts.delivery.clock, parts.self);
  }

  get issued(): number {
    return this.#issued;
  }

  /** Requests that are not answered yet. */
  get open(): number {
    return this.#waiting.size + this.#unpersisted;
  }

  /** So many writes wait for the disk that clients' are refused. */
  get isBusy(): boolean {
    const { unpersistedMax, writeBytesMax } = this.#parts.limits;
    return this.#unpersisted >= unpersistedMax || this.#bytes >= writeBytesMax;
  }

  get earliestDeadlineMs(): number {
    const { earliestDeadlineMs } = this.#durabilityWaits;
    return Math.min(this.#waiting.earliestDeadlineMs, earliestDeadlineMs, this.#earliestMs);
  }

  /** After a replay, which delivers own updates without accepting them. */
  recover(): void {
    this.#issued = counterOf(this.#parts.delivery.clock, this.#parts.self);
  }

  /** What a write of these operations is to have seen, if it is accepted now. */
  dependenciesOf(context: VersionVector, operations: readonly Operation[]): VersionVector {
    return dependenciesOf(this.#parts, context, operations);
  }

  write(input: WriteRequest, nowMs: number): void {
    const { request, operations, context, replicas = 1 } = input;
    const members = this.#parts.delivery.membership.current.length;
    if (replicas > members) return this.#fail(request, tooManyReplicas(replicas, members));
    if (this.#bytes >= this.#parts.limits.writeBytesMax) {
      return this.#fail(request, overloaded(`writes of ${this.#bytes} bytes wait`));
    }
    this.#bytes += contentBytes(operations);
    this.#afterContext(context ?? emptyVector, input, input.deadlineMs, nowMs);
  }

  await(input: Extract<Input, { kind: 'await' }>, nowMs: number): void {
    this.#afterContext(input.context, input, input.deadlineMs, nowMs);
  }

  /** The client of a request is gone that waits for its context, or for copies. */
  cancel(request: RequestName): void {
    this.#release(this.#waiting.cancel(request));
    this.#durabilityWaits.cancel(request);
  }

  /** A change of the membership by this replica; without a waiter nobody asked for it. */
  issueChange(changes: readonly MemberChange[], waiter: WriteWaiter | undefined, nowMs: number): void {
    const dependencies = this.#parts.deliveredOfOthers();
    this.#issue({ ...this.#updateOf([], dependencies, nowMs), memberChanges: changes }, waiter, false);
  }

  /** What has expired, by this replica: nobody waits for it. Where no write can be given a dot, this one cannot either. */
  issueExpiry(operations: readonly Operation[], nowMs: number): void {
    if (this.#parts.refusal() !== undefined) return;
    this.#bytes += contentBytes(operations);
    const dependencies = dependenciesOf(this.#parts, undefined, operations);
    this.#issue(this.#updateOf(operations, dependencies, nowMs), undefined, false);
  }

  /** Answers the waiter when enough replicas have an update that was issued before. */
  awaitDurable(waiter: WriteWaiter, dot: Dot): void {
    this.#durabilityWaits.add({ ...waiter, dot });
    this.onDurability();
  }

  onPersisted(nowMs: number): void {
    const { persisted } = this.#parts.journal;
    while ((this.#accepted.peek()?.sequence ?? Infinity) <= persisted) {
      const write = this.#accepted.shift();
      if (write !== undefined) this.#deliver(write, nowMs);
    }
    this.onDurability();
  }

  /** More may be durable at more replicas. */
  onDurability(): void {
    for (const { request, dot } of this.#durabilityWaits.settle(this.#parts.copies)) {
      this.#parts.emit({ kind: 'written', request, dot });
    }
  }

  /** A dot was delivered: goes on with the requests that waited for it. */
  wake(dot: Dot, nowMs: number): void {
    for (const continuation of this.#waiting.wake(dot, this.#parts.delivery.clock)) {
      this.#proceed(continuation, nowMs);
    }
  }

  /** Fails what waits for updates that are lost: nobody will ever deliver them. */
  failLost(): void {
    for (const { request, context, item } of this.#waiting.takeWhere(
      (each) => this.#lostOf(each).length > 0,
    )) {
      this.#release(item);
      this.#fail(request, depsLost(this.#lostOf(context)));
    }
  }

  expire(nowMs: number): void {
    const { delivery, self, copies } = this.#parts;
    for (const { request, context, item } of this.#waiting.expire(nowMs)) {
      this.#release(item);
      this.#fail(request, depsTimeout(nodeOf(self), missingDots(delivery.clock, context)));
    }
    for (const { request, dot, replicas } of this.#durabilityWaits.expire(nowMs)) {
      this.#fail(request, notDurable(dot, replicas, copies.nodesWith(dot)));
    }
    if (nowMs >= this.#earliestMs) this.#expireAccepted(nowMs);
  }

  get #unpersisted(): number {
    return this.#accepted.size + this.#durabilityWaits.size;
  }

  #afterContext(context: VersionVector, asked: ClientRequest, deadlineMs: number, nowMs: number): void {
    const missing = firstMissing(this.#parts.delivery.clock, context);
    if (missing === undefined) return this.#proceed(asked, nowMs);
    const { request } = asked;
    const lost = this.#lostOf(context);
    const isFull = this.#waiting.size >= this.#parts.limits.waitingMax;
    if (lost.length === 0 && !isFull) {
      return this.#waiting.add(request, context, missing, deadlineMs, asked);
    }
    this.#release(asked);
    const full = `${this.#waiting.size} requests wait for their session's dependencies`;
    this.#fail(request, lost.length > 0 ? depsLost(lost) : overloaded(full));
  }

  #lostOf(context: VersionVector): Dot[] {
    const { membership } = this.#parts.delivery;
    return [...context]
      .filter(([replica, counter]) => counter > (membership.get(replica)?.final ?? Infinity))
      .map(([replica, counter]) => ({ replica, counter }));
  }

  #proceed(asked: ClientRequest, nowMs: number): void {
    if (asked.kind === 'write') this.#accept(asked, nowMs);
    else this.#parts.emit({ kind: 'ready', request: asked.request });
  }

  /** Gives the write its dot, unless it has one. It is delivered when it is durable. */
  #accept(write: WriteRequest, nowMs: number): void {
    const { operations, context, requestId, tellsChanges = false } = write;
    const waiter = waiterOf(write, nowMs);
    if (requestId !== undefined && this.#isRetry(requestId, waiter)) return this.#release(write);
    const error = this.#refusal(write, nowMs);
    if (error !== undefined) {
      this.#release(write);
      return this.#fail(waiter.request, error);
    }
    // Only now: who waited for every other write of a busy key would wait for ever.
    const rival = this.#rivalOf(write);
    if (rival !== undefined) {
      // There may be another rival then, and yet another: they do not add to its time.
      const durableByMs = waiter.deadlineMs;
      return this.#afterContext(rival, { ...write, durableByMs }, durableByMs, nowMs);
    }
    const dependencies = dependenciesOf(this.#parts, context, operations);
    const update = this.#updateOf(operations, dependencies, nowMs);
    this.#issue(requestId === undefined ? update : { ...update, request: requestId }, waiter, tellsChanges);
  }

  /** The write under way that this one has to wait for, as a context. */
  #rivalOf({ operations, condition }: WriteRequest): VersionVector | undefined {
    const counter = this.#acceptedKeys.rivalOf(operations, condition);
    return counter === 0 ? undefined : new Map([[this.#parts.self, counter]]);
  }

  #refusal({ requestId, operations, condition }: WriteRequest, nowMs: number): KvcError | undefined {
    const { limits, requests, refusal, delivery } = this.#parts;
    if (this.#unpersisted >= limits.unpersistedMax) {
      return overloaded(`${this.#unpersisted} writes wait for the disk or for other nodes`);
    }
    return (
      refusal() ??
      (requestId === undefined ? undefined : requests.refusal(requestId, nowMs)) ??
      delivery.refusalOf(operations, condition)
    );
  }

  /** True if the write was accepted or delivered before: then its client waits for that one. */
  #isRetry(requestId: RequestId, waiter: WriteWaiter): boolean {
    const accepted = this.#acceptedById.get(requestId);
    if (accepted !== undefined) {
      accepted.retries = [...accepted.retries, waiter];
      this.#earliestMs = Math.min(this.#earliestMs, waiter.deadlineMs);
      return true;
    }
    const dot = this.#parts.requests.delivered(requestId)?.[0];
    if (dot === undefined) return false;
    this.awaitDurable(waiter, dot);
    return true;
  }

  /** With the next dot, for `#issue`. */
  #updateOf(operations: readonly Operation[], dependencies: VersionVector, nowMs: number): Update {
    const { self, delivery } = this.#parts;
    this.#issued += 1;
    return {
      dot: { replica: self, counter: this.#issued },
      dependencies: without(dependencies, self),
      timestamp: delivery.hybridClock.next(nowMs),
      operations,
    };
  }

  #issue(update: Update, waiter: WriteWaiter | undefined, tellsChanges: boolean): void {
    const { journal } = this.#parts;
    const sequence = journal.appendOwn(update);
    const write: AcceptedWrite = { sequence, update, waiter, retries: noWaiters, tellsChanges };
    if (waiter !== undefined) this.#earliestMs = Math.min(this.#earliestMs, waiter.deadlineMs);
    this.#accepted.push(write);
    this.#acceptedKeys.accepted(update);
    if (update.request !== undefined) this.#acceptedById.set(update.request, write);
  }

  #deliver(write: AcceptedWrite, nowMs: number): void {
    const { delivery, journal, onDelivered } = this.#parts;
    const { update } = write;
    const changes: KeyChange[] | undefined = write.tellsChanges ? [] : undefined;
    const freed = delivery.deliver(update, changes);
    this.#acceptedKeys.delivered(update);
    journal.ownDelivered(update);
    this.#bytes -= contentBytes(update.operations);
    if (update.request !== undefined) this.#acceptedById.delete(update.request);
    if (write.waiter !== undefined) this.#tell(write.waiter, update, changes);
    for (const waiter of write.retries) this.#tell(waiter, update, changes);
    // Most writes: nobody has waited for them.
    if (freed.length > 0 || this.#waiting.size > 0 || update.memberChanges !== undefined) {
      onDelivered(update, freed, nowMs);
    }
  }

  #tell(
    { request, replicas, deadlineMs }: WriteWaiter,
    update: Update,
    changes: readonly KeyChange[] | undefined,
  ): void {
    if (replicas === 1) this.#parts.emit(writtenBy(update, request, changes));
    else this.#durabilityWaits.add({ request, replicas, deadlineMs, dot: update.dot });
  }

  /** Answers clients whose write is not durable in time. The write stays: its dot is given, and it may be on the disk. */
  #expireAccepted(nowMs: number): void {
    this.#earliestMs = Infinity;
    for (const write of this.#accepted) {
      write.waiter = this.#stillWaiting(write, write.waiter, nowMs);
      if (write.retries.length > 0)
        write.retries = write.retries.filter((waiter) => this.#stillWaiting(write, waiter, nowMs));
    }
  }

  #stillWaiting(
    { update }: AcceptedWrite,
    waiter: WriteWaiter | undefined,
    nowMs: number,
  ): WriteWaiter | undefined {
    if (waiter === undefined) return undefined;
    const { request, replicas, deadlineMs } = waiter;
    if (deadlineMs <= nowMs) {
      this.#fail(request, notDurable(update.dot, replicas, []));
      return undefined;
    }
    this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
    return waiter;
  }

  #release(asked: ClientRequest | undefined): void {
    if (asked?.kind === 'write') this.#bytes -= contentBytes(asked.operations);
  }

  #fail(request: RequestName, error: KvcError): void {
    this.#parts.emit({ kind: 'failed', request, error });
  }
}

const noWaiters: readonly WriteWaiter[] = [];

function waiterOf(write: WriteRequest, nowMs: number): WriteWaiter {
  const { request, replicas = 1, deadlineMs } = write;
  const { durableByMs = replicas > 1 ? deadlineMs : Math.max(deadlineMs, nowMs + flushMsMin) } = write;
  return { request, replicas, deadlineMs: durableByMs };
}

function* updatesOf(writes: Iterable<AcceptedWrite>): Generator<Update> {
  for (const { update } of writes) yield update;
}

function writtenBy(update: Update, request: RequestName, changes: readonly KeyChange[] | undefined): Effect {
  const { dot } = update;
  if (changes === undefined) return { kind: 'written', request, dot };
  return { kind: 'written', request, dot, applied: { update, changes } };
}

function without(vector: VersionVector, replica: ReplicaId): VersionVector {
  if (!vector.has(replica)) return vector;
  const rest = new Map(vector);
  rest.delete(replica);
  return rest;
}
