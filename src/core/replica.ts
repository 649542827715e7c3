import type { KvcError } from '../errors.js';
import { counterOf, mergeVectors, type VersionVector } from './clock/versionVector.js';
import type { Dot } from './clock/dot.js';
import { Copies } from './copies.js';
import { Delivery, type DeliveredFacts, type DeliveryMode } from './delivery.js';
import type { NodeName, ReplicaId } from './ids.js';
import { Expiry } from './expiry.js';
import { Inbox } from './inbox.js';
import { Journal } from './journal.js';
import type { Link } from './link.js';
import { Links } from './links.js';
import { MemberRequests } from './memberRequests.js';
import type { Membership } from './membership.js';
import type { PendingUpdates } from './pendingUpdates.js';
import { removed, unknownMember } from './refusals.js';
import { replicaLimitDefaults, type ReplicaLimits } from './replicaLimits.js';
import { Requests } from './requests.js';
import { ShippedHistory } from './shippedHistory.js';
import { ShownVectors } from './shownVectors.js';
import type { ReplicaState } from './state.js';
import type { Effect, Input } from './step.js';
import type { Operation, Update } from './update.js';
import { Upkeep } from './upkeep.js';
import { Writes } from './writes.js';

export interface ReplicaOptions {
  readonly self: ReplicaId;
  /** The replicas with which the cluster began; what has changed since is in the state. */
  readonly founders: readonly ReplicaId[];
  /** Where this replica's node listens, in the driver's notation; needed by one that is no founder. */
  readonly address?: string;
  readonly delivery: DeliveryMode;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly limits?: Partial<ReplicaLimits>;
}

/** What a replica has done since it was opened. */
export interface ReplicaCounters {
  /** Updates of other replicas delivered. */
  readonly delivered: number;
  /** Updates received that were here already. */
  readonly duplicates: number;
  /** Updates of other replicas shipped. */
  readonly relayed: number;
}

/**
 * One replica: a synchronous, deterministic state machine. `step` is given what happened and the time, and says what to
 * do. The node process, the simulator and the tests drive the same function. Invariants:
 * 1. An own update becomes visible, is acknowledged and is shipped only when it is durable, so no dot is given twice.
 * 2. A received update becomes visible when it is delivered, and is acknowledged to its sender when it is durable.
 * 3. History holds updates in an order that respects causality; replaying it rebuilds the same state.
 *
 * It is made of parts: what clients ask (Writes) and operators (MemberRequests), what peers send (Inbox) and are sent
 * (Links), what becomes visible (Delivery), what is kept (Journal), shown (ShownVectors) and forgotten (Upkeep). A part
 * knows those that it stands on, Delivery, Journal and Links most of all; what goes up from it goes through callbacks.
 */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #delivery: Delivery;
  readonly #journal: Journal;
  readonly #links: Links;
  readonly #writes: Writes;
  readonly #inbox: Inbox;
  readonly #memberRequests: MemberRequests;
  readonly #upkeep: Upkeep;
  readonly #expiry: Expiry;
  readonly #shipped: ShippedHistory;
  readonly #shown: ShownVectors;
  readonly #copies: Copies;
  #delivered = 0;
  #isHalted = false;
  #effects: Effect[] = [];

  /** @param recovered - the facts of the state's keys; what history has beyond them is to be given to `replay` */
  constructor(options: ReplicaOptions, state: ReplicaState, recovered: DeliveredFacts) {
    const limits = { ...replicaLimitDefaults, ...options.limits };
    const { self, address, random, founders, delivery: mode } = options;
    this.#options = options;
    this.#delivery = new Delivery({ mode, limits, founders }, state, recovered);
    const { membership } = this.#delivery;
    this.#journal = new Journal(self, state.history, recovered.clock);
    this.#links = new Links({ self, limits: limits.link, random }, membership);
    this.#shipped = new ShippedHistory(self, counterOf(recovered.clock, self));
    this.#copies = new Copies(self, this.#journal, this.#links, membership);
    const requests = new Requests(state.requests, this.#delivery.hybridClock, limits);
    const common = { self, delivery: this.#delivery, journal: this.#journal, requests, emit: this.#emit };
    this.#writes = new Writes({
      ...common,
      limits,
      copies: this.#copies,
      deliveredOfOthers: () => this.#shown.others,
      // What was collectable before the last opening is not known any more; all of it was delivered then.
      forgotten: () => this.#shown.of(mergeVectors(recovered.clock, this.#upkeep.stability.collectable)),
      refusal: () => (this.#memberRequests.isLeaving ? removed(self) : this.#shipped.refusal()),
      onDelivered: (update, freed, nowMs) => this.#onDelivered([update, ...freed], freed, nowMs),
    });
    this.#inbox = new Inbox({
      ...common,
      issued: () => this.#writes.issued,
      unreached: () => this.#links.unreached,
      shownDurable: () => this.#shown.durable,
      isLeaving: () => this.#memberRequests.isLeaving,
      onDelivered: (updates, nowMs) => this.#onDelivered(updates, updates, nowMs),
    });
    this.#memberRequests = new MemberRequests({
      ...common,
      address,
      membership,
      links: this.#links,
      issued: () => this.#writes.issued,
      copies: this.#copies,
      issue: (changes, waiter, nowMs) => this.#writes.issueChange(changes, waiter, nowMs),
      awaitDurable: (waiter, dot) => this.#writes.awaitDurable(waiter, dot),
    });
    this.#upkeep = new Upkeep({
      ...common,
      links: this.#links,
      isLeaving: () => this.#memberRequests.isLeaving,
      issue: (changes, nowMs) => this.#writes.issueChange(changes, undefined, nowMs),
    });
    this.#expiry = new Expiry({
      ...common,
      links: this.#links,
      isBusy: () => this.#writes.isBusy,
      issue: (operations, nowMs) => this.#writes.issueExpiry(operations, nowMs),
    });
    this.#shown = new ShownVectors({
      ...common,
      shed: () => this.#upkeep.shed,
      isLeaving: () => this.#memberRequests.isLeaving,
    });
  }

  get self(): ReplicaId {
    return this.#options.self;
  }

  /** The delivered vector, live. It names all replicas there ever were; `shownClock` is for messages and clients. */
  get clock(): VersionVector {
    return this.#delivery.clock;
  }

  /** What is delivered, without replicas that left and of which every member has everything. */
  get shownClock(): VersionVector {
    return this.#shown.clock;
  }

  /** What is durable here, live. */
  get durable(): VersionVector {
    return this.#journal.durable;
  }

  /** What is durable here, as peers are told. */
  get shownDurable(): VersionVector {
    return this.#shown.durable;
  }

  /** What every member has made durable, as far as is known. */
  get stable(): VersionVector {
    return this.#upkeep.stability.stable;
  }

  get membership(): Membership {
    return this.#delivery.membership;
  }

  get pending(): PendingUpdates {
    return this.#delivery.pending;
  }

  get links(): Iterable<Link> {
    return this.#links;
  }

  /** The nodes that this replica does not reach. */
  get unreached(): readonly NodeName[] {
    return this.#links.unreached;
  }

  get waitingRequests(): number {
    return this.#writes.open;
  }

  get skewMs(): number {
    return this.#delivery.skewMs;
  }

  get counters(): ReplicaCounters {
    const { duplicates } = this.#inbox;
    return { delivered: this.#delivered, duplicates, relayed: this.#links.relayed };
  }

  /** True if keys may hold tombstones, or values that expire, that only a search through all keys finds; see the input `found`. */
  get needsSearch(): boolean {
    return this.#delivery.needsSearch;
  }

  /** A search for them begins. */
  beginSearch(): void {
    this.#delivery.beginSearch();
  }

  /** Whether vectors need not name a replica any more: every member has all of its updates. */
  isShed(replica: ReplicaId): boolean {
    return this.#upkeep.shed.has(replica);
  }

  /** A vector without replicas that left and of which every member has everything. */
  shown(vector: VersionVector): VersionVector {
    return this.#shown.of(vector);
  }

  /** What a write of these operations, of a session that has seen `context`, is to have seen if it is accepted now. */
  dependenciesOf(context: VersionVector, operations: readonly Operation[]): VersionVector {
    return this.#writes.dependenciesOf(context, operations);
  }

  /** The nodes that have made an update durable, as far as is known. */
  nodesWith(dot: Dot): NodeName[] {
    return this.#copies.nodesWith(dot);
  }

  /** A snapshot with this vector is handed out: what it contains of this replica's own updates is known elsewhere from now on. */
  noteHandedOut(clock: VersionVector): void {
    this.#shipped.note(counterOf(clock, this.self));
  }

  /**
   * Why the state of a peer, with these facts, is not to be taken in; undefined if it may. To be asked at the moment when it
   * is, for the peer may have left since it handed the state out. Like updates, what a replica that left has is taken from
   * members only. If the error names this replica, it is not to go on.
   */
  refusalOfState(from: ReplicaId, { clock, members }: DeliveredFacts): KvcError | undefined {
    const { self, membership } = this;
    const hasLeft = members.some(({ replica, leftBy }) => replica === self && leftBy !== null);
    if (hasLeft && !this.#memberRequests.isLeaving) return removed(self);
    if (membership.hasLeft(from)) return removed(from);
    const isTaken = membership.isMember(from) || !membership.hasMoreOfLeft(clock, this.clock);
    if (!isTaken) return unknownMember(from, membership.current);
    this.#shipped.compare(clock);
    return this.#shipped.refusal();
  }

  facts(): DeliveredFacts {
    return this.#delivery.facts();
  }

  /** Before the first step only: delivers again, in the order of the log, what the keys do not reflect yet. */
  replay(update: Update): void {
    const { replica } = update.dot;
    this.#delivery.replay(update);
    this.#journal.markDurable({ replica, counter: counterOf(this.#delivery.clock, replica) });
    if (replica !== this.self) return;
    this.#writes.recover();
    this.#shipped.note(this.#writes.issued);
  }

  /**
   * @param nowMs - ms since 1970, whole or not, by a clock that does not go back: pauses and deadlines would grow by as much
   * @returns what to do; see Effect
   */
  step(input: Input, nowMs: number): Effect[] {
    this.#effects = [];
    if (this.#isHalted) return this.#effects;
    this.#links.followMembership(nowMs);
    this.#memberRequests.introduceSelf(nowMs);
    this.#handle(input, nowMs);
    this.#writes.expire(nowMs);
    this.#upkeep.run(nowMs);
    if (this.membership.isMember(this.self)) this.#expiry.run(nowMs);
    this.#links.followMembership(nowMs);
    const persist = this.#journal.persistEffect();
    if (persist !== undefined) this.#emit(persist);
    const error = this.#shipped.refusal() ?? this.#memberRequests.reasonToEnd;
    if (error === undefined) this.#ship(nowMs);
    else this.#halt(error);
    return this.#effects;
  }

  /** When the next `tick` is due, if nothing else happens before. */
  wakeAtMs(): number {
    if (this.#isHalted) return Infinity;
    const upkeepMs = Math.min(this.#upkeep.nextMs, this.#expiry.nextMs);
    return Math.min(this.#writes.earliestDeadlineMs, upkeepMs, this.#links.wakeAtMs);
  }

  #handle(input: Input, nowMs: number): void {
    switch (input.kind) {
      case 'write':
        return this.#writes.write(input, nowMs);
      case 'await':
        return this.#writes.await(input, nowMs);
      case 'confirm':
        return this.#writes.awaitDurable(input, input.dot);
      case 'cancel':
        return this.#writes.cancel(input.request);
      case 'receive':
        return this.#receive(input, nowMs);
      case 'persisted':
        return this.#onPersisted(input.sequence, nowMs);
      case 'answered':
        return this.#onAnswered(input, nowMs);
      case 'unanswered':
        return this.#links.unanswered(input.peer, nowMs);
      case 'unknown':
        return this.#links.unknownTo(input.peer, nowMs);
      case 'fenced':
        return this.#onFenced(input, nowMs);
      case 'found':
        return input.keys.forEach((key) => this.#delivery.remember(key));
      case 'admit':
      case 'leave':
      case 'remove':
        return this.#memberRequests.change(input, nowMs);
      case 'tick':
        return;
      case 'several':
        for (const each of input.inputs) this.#handle(each, nowMs);
    }
  }

  #receive(input: Extract<Input, { kind: 'receive' }>, nowMs: number): void {
    const { from, clock, unreached, offersSnapshot } = input;
    const isTaken = this.#inbox.receive(input, nowMs);
    const isMember = this.membership.isMember(from);
    if (isTaken && isMember) {
      this.#links.heard(from, clock, unreached, nowMs);
      this.#shipped.compare(clock);
      this.#writes.onDurability();
    }
    // Also from one that is not known here: that it belongs to the cluster may be part of what is missing.
    const mayHelp = isMember ? isTaken : !this.membership.hasLeft(from);
    if (offersSnapshot && mayHelp) this.#emit({ kind: 'behind', peer: from });
  }

  #onAnswered({ peer, answer }: Extract<Input, { kind: 'answered' }>, nowMs: number): void {
    this.#links.answered(peer, answer, nowMs);
    this.#shipped.compare(answer.clock);
    this.#shipped.compare(answer.received);
    this.#writes.onDurability();
  }

  /** A peer that knows of this replica's leaving has all that it wrote; to one that does not leave, it is news. */
  #onFenced({ peer }: Extract<Input, { kind: 'fenced' }>, nowMs: number): void {
    this.#links.unanswered(peer, nowMs);
    this.#memberRequests.fenced();
    if (!this.#memberRequests.isLeaving) return;
    this.#links.heard(peer, new Map([[this.self, this.#writes.issued]]), [], nowMs);
    this.#writes.onDurability();
  }

  #onPersisted(sequence: number, nowMs: number): void {
    this.#journal.onPersisted(sequence);
    this.#writes.onPersisted(nowMs);
    this.#inbox.answerDurable();
  }

  /**
   * Logs what one delivery freed, then goes on with the requests that waited for any of it. In this order, for a write that
   * waited may depend on all of it: ahead of it in the log, a crash could leave the write without its dependencies.
   */
  #onDelivered(delivered: readonly Update[], ofOthers: readonly Update[], nowMs: number): void {
    this.#delivered += ofOthers.length;
    this.#journal.appendReceived(ofOthers);
    for (const { dot } of delivered) this.#writes.wake(dot, nowMs);
    if (delivered.some(({ memberChanges }) => memberChanges !== undefined)) this.#writes.failLost();
  }

  #ship(nowMs: number): void {
    const { durable, start } = this.#journal;
    const emit = (effect: Effect): void => {
      if (effect.kind === 'ship' && effect.origin === this.self) this.#shipped.note(effect.last);
      this.#emit(effect);
    };
    this.#links.ship({ durable, start }, emit, nowMs);
  }

  #halt(error: KvcError): void {
    this.#isHalted = true;
    this.#emit({ kind: 'halt', error });
  }

  readonly #emit = (effect: Effect): void => {
    this.#effects.push(effect);
  };
}
