import type { KvcError } from '../errors.js';
import { counterOf, covers, type VersionVector } from './clock/versionVector.js';
import type { Delivery } from './delivery.js';
import { Fifo } from './fifo.js';
import type { NodeName, ReplicaId } from './ids.js';
import type { Journal } from './journal.js';
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
  /** The vector without those that no vector needs to name. */
  readonly shown: (vector: VersionVector) => VersionVector;
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
    readonly refused: number;
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
    const { emit, journal } = this.#parts;
    const error = this.#refusalOf(input);
    if (error !== undefined) {
      emit({ kind: 'refuse', message: input.message, error });
      return false;
    }
    const refused = this.#take(input.updates, nowMs);
    this.#unanswered.push({ sequence: journal.appended, message: input.message, refused });
    this.answerDurable();
    return true;
  }

  /** Answers the messages all of whose updates are durable. */
  answerDurable(): void {
    const { journal, emit, self, shown, unreached } = this.#parts;
    while ((this.#unanswered.peek()?.sequence ?? Infinity) <= journal.persisted) {
      const entry = this.#unanswered.shift();
      if (entry === undefined) return;
      const answer = {
        from: self,
        clock: new Map(shown(journal.durable)),
        received: this.#received(),
        refused: entry.refused,
        unreached: unreached(),
      };
      emit({ kind: 'answer', message: entry.message, answer });
    }
  }

  #take(updates: readonly Update[], nowMs: number): number {
    const { self, delivery, onDelivered } = this.#parts;
    let refused = 0;
    for (const update of updates) {
      if (update.dot.replica === self) continue;
      const delivered: Update[] = [];
      const outcome = delivery.offer(update, nowMs, delivered);
      if (outcome === 'refused') refused += 1;
      else if (outcome === 'duplicate') this.#duplicates += 1;
      if (delivered.length > 0) onDelivered(delivered, nowMs);
    }
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

  #isReused(update: Update): boolean {
    const { self, delivery, journal, issued } = this.#parts;
    const { replica, counter } = update.dot;
    if (replica === self && counter > issued()) return true;
    const pending = delivery.pending.get(update.dot);
    if (pending !== undefined) return !sameUpdate(pending.update, update);
    const known = replica === self ? issued() : counterOf(delivery.clock, replica);
    return counter <= known && journal.conflicts(update);
  }

  /** For each origin, how far this replica holds its updates without a gap, where that is more than is durable. */
  #received(): VersionVector {
    const { delivery, journal } = this.#parts;
    const received = new Map<ReplicaId, number>();
    for (const origin of delivery.membership.current) {
      const held = delivery.pending.runAfter(origin, counterOf(delivery.clock, origin));
      if (held > counterOf(journal.durable, origin)) received.set(origin, held);
    }
    return received;
  }
}
