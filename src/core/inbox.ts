import type { KvcError } from '../errors.js';
import { counterOf, covers, emptyVector, type VersionVector } from './clock/versionVector.js';
import type { Delivery } from './delivery.js';
import { Fifo } from './fifo.js';
import type { NodeName, ReplicaId } from './ids.js';
import type { Journal } from './journal.js';
import type { LinkAnswer } from './link.js';
import { dotReused, removed, unknownMember } from './refusals.js';
import type { Effect, Input, MessageNumber } from './step.js';
import { sameUpdate, type Update } from './update.js';

export interface InboxParts {
  readonly self: ReplicaId;
  readonly delivery: Delivery;
  readonly journal: Journal;
  /** The counter of the last own update accepted. */
  readonly issued: () => number;
  readonly unreached: () => readonly NodeName[];
  /** What is durable here, as peers are told. */
  readonly shownDurable: () => VersionVector;
  /** Then peers are told only of its own updates. */
  readonly isLeaving: () => boolean;
  readonly emit: (effect: Effect) => void;
  /** Received updates were delivered, in this order. */
  readonly onDelivered: (delivered: readonly Update[], nowMs: number) => void;
}

/** Messages of other replicas, from their arrival to the answer, which is given when what it says is durable. */
export class Inbox {
  readonly #parts: InboxParts;
  readonly #unanswered = new Fifo<{
    readonly sequence: number;
    readonly message: MessageNumber;
    /** How many of its updates were refused, or why the message was. */
    readonly outcome: number | KvcError;
  }>();
  #duplicates = 0;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** Updates that were received although they were here already. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** @returns false if the message was refused, and changed nothing */
  receive(input: Extract<Input, { kind: 'receive' }>, nowMs: number): boolean {
    const { journal } = this.#parts;
    const { message } = input;
    const error = this.#refusalOf(input);
    const outcome = error ?? this.#take(input, nowMs);
    // A refusal says something of this replica as well: that it has the sender's leaving, and so all that it wrote.
    this.#unanswered.push({ sequence: journal.appended, message, outcome });
    this.answerDurable();
    return error === undefined;
  }

  /** Answers the messages all of whose updates are durable. */
  answerDurable(): void {
    const { journal, emit } = this.#parts;
    while ((this.#unanswered.peek()?.sequence ?? Infinity) <= journal.persisted) {
      const entry = this.#unanswered.shift();
      if (entry === undefined) return;
      const { message, outcome } = entry;
      if (typeof outcome === 'number') emit({ kind: 'answer', message, answer: this.#answer(outcome) });
      else emit({ kind: 'refuse', message, error: outcome });
    }
  }

  #answer(refused: number): LinkAnswer {
    const { self, shownDurable, unreached } = this.#parts;
    const clock = shownDurable();
    return { from: self, clock, received: this.#received(clock), refused, unreached: unreached() };
  }

  #take({ from, updates }: Extract<Input, { kind: 'receive' }>, nowMs: number): number {
    const { self, delivery, onDelivered } = this.#parts;
    let refused = 0;
    const delivered: Update[] = [];
    for (const update of updates) {
      if (update.dot.replica === self) continue;
      if (!this.#isTakenFrom(from, update)) {
        refused += 1;
        continue;
      }
      const outcome = delivery.offer(update, nowMs, delivered);
      if (outcome === 'refused') refused += 1;
      else if (outcome === 'duplicate') this.#duplicates += 1;
    }
    if (delivered.length > 0) onDelivered(delivered, nowMs);
    return refused;
  }

  /**
   * Looks at the whole message before any of it is taken, so that a bad one changes nothing. A sender, or an origin, of which
   * nothing is known here has joined, and that is still under way: what is theirs has to wait for it, and it may be the
   * sender itself who brings it, where nobody else can.
   */
  #refusalOf({ from, updates }: Extract<Input, { kind: 'receive' }>): KvcError | undefined {
    const { membership } = this.#parts.delivery;
    if (membership.hasLeft(from)) return removed(from);
    const isInVain = updates.length > 0 && !updates.some((update) => this.#isTakenFrom(from, update));
    if (isInVain) return unknownMember(from, membership.current);
    const reused = updates.find((update) => this.#isReused(update));
    if (reused !== undefined) return dotReused(reused.dot);
    const stray = updates.find((update) => this.#isOfNobody(update));
    return stray && unknownMember(stray.dot.replica, membership.current);
  }

  /** The first update of a replica that joins depends on its joining. One that depends on nothing new was never made. */
  #isOfNobody({ dot, dependencies }: Update): boolean {
    const { delivery } = this.#parts;
    const isKnown = delivery.membership.get(dot.replica) !== undefined;
    return !isKnown && dot.counter === 1 && covers(delivery.clock, dependencies);
  }

  /**
   * Where this replica was away for so long that all others have been replaced, nobody is left whom it knows. So it takes
   * updates from whoever says to belong to the cluster; but of a replica that left only from those who do.
   */
  #isTakenFrom(from: ReplicaId, { dot }: Update): boolean {
    const { membership } = this.#parts.delivery;
    return membership.isMember(from) || membership.isMember(dot.replica);
  }

  #isReused(update: Update): boolean {
    const { self, delivery, journal, issued } = this.#parts;
    const { replica, counter } = update.dot;
    if (replica === self && counter > issued()) return true;
    const pending = delivery.pending.get(update.dot);
    if (pending !== undefined) return !sameUpdate(pending.update, update);
    const known = replica === self ? issued() : counterOf(delivery.clock, replica);
    return counter <= known && journal.conflicts(update);
  }

  /** For each origin, how far this replica holds its updates without a gap, where that is more than the peer is told. */
  #received(clock: VersionVector): VersionVector {
    const { delivery, journal, isLeaving } = this.#parts;
    const { membership, pending } = delivery;
    // Mostly, and then it need not be looked for: it takes as long as there are members.
    if (pending.size === 0 && journal.isAllDurable && !isLeaving()) return emptyVector;
    const received = new Map<ReplicaId, number>();
    // Of replicas that left, and of such as are not known yet, others bring updates all the same.
    const unsettled = membership.unsettled.map(({ replica }) => replica);
    for (const origin of new Set([...membership.current, ...unsettled, ...pending.origins])) {
      const held = pending.runAfter(origin, counterOf(delivery.clock, origin));
      if (held > counterOf(clock, origin)) received.set(origin, held);
    }
    return received;
  }
}
