import type { Dot } from './clock/dot.js';
import type { VersionVector } from './clock/versionVector.js';
import { Fifo } from './fifo.js';
import type { ReplicaId } from './ids.js';
import type { History } from './state.js';
import type { Effect } from './step.js';
import type { Update } from './update.js';

/**
 * The replica's side of its history: what was appended, what of it is durable. An own update counts as durable here only
 * once it is delivered, so that nothing leaves before it is visible at home.
 */
export class Journal {
  readonly #self: ReplicaId;
  readonly #history: History;
  readonly #durable: Map<ReplicaId, number>;
  readonly #undurable = new Fifo<{ readonly sequence: number; readonly dot: Dot }>();
  /** How many of them are own updates. */
  #undurableOwn = 0;
  #appended = 0;
  #persisted = 0;
  #asked = 0;
  /** Own updates that were appended since. */
  #askedOwn = 0;

  /** @param durable - what the state contained when it was opened */
  constructor(self: ReplicaId, history: History, durable: VersionVector) {
    this.#self = self;
    this.#history = history;
    this.#durable = new Map(durable);
  }

  /** What is durable here, live. */
  get durable(): VersionVector {
    return this.#durable;
  }

  /** The sequence number of the update appended last. */
  get appended(): number {
    return this.#appended;
  }

  get persisted(): number {
    return this.#persisted;
  }

  /** What can no longer be read back. */
  get start(): VersionVector {
    return this.#history.start;
  }

  /** Whether the disk has kept all that was appended, and own updates are delivered. */
  get isAllDurable(): boolean {
    return this.#appended === this.#persisted && this.#undurable.size === 0;
  }

  appendOwn(update: Update): number {
    this.#askedOwn += 1;
    this.#appended = this.#history.append(update);
    return this.#appended;
  }

  /** Received updates, in the order in which they were delivered. */
  appendReceived(updates: readonly Update[]): void {
    for (const update of updates) {
      this.#appended = this.#history.append(update);
      this.#undurable.push({ sequence: this.#appended, dot: update.dot });
    }
  }

  /** Whether this dot names other content here. */
  conflicts(update: Update): boolean {
    return this.#history.conflicts(update);
  }

  markDurable({ replica, counter }: Dot): void {
    this.#durable.set(replica, counter);
  }

  /** The disk has kept everything up to `sequence`. */
  onPersisted(sequence: number): void {
    this.#persisted = Math.max(this.#persisted, sequence);
    while ((this.#undurable.peek()?.sequence ?? Infinity) <= this.#persisted) {
      const entry = this.#undurable.shift();
      if (entry === undefined) return;
      if (entry.dot.replica === this.#self) this.#undurableOwn -= 1;
      this.markDurable(entry.dot);
    }
  }

  /**
   * The disk has an own update, and it was delivered. One that changes the membership counts as durable only with all
   * that was delivered before it: who leaves is not listened to any more from there on, so whoever has delivered the
   * leaving durably must have all that it took from that one before.
   */
  ownDelivered({ dot, memberChanges }: Update): void {
    const isOrdered = memberChanges !== undefined || this.#undurableOwn > 0;
    if (!isOrdered || this.#appended === this.#persisted) return this.markDurable(dot);
    this.#undurableOwn += 1;
    this.#undurable.push({ sequence: this.#appended, dot });
  }

  /** The effect that asks for what was appended since the last one, if anything was. */
  persistEffect(): Effect | undefined {
    if (this.#appended === this.#asked) return undefined;
    const effect: Effect = { kind: 'persist', sequence: this.#appended, own: this.#askedOwn };
    this.#asked = this.#appended;
    this.#askedOwn = 0;
    return effect;
  }
}
