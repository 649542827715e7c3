import { counterOf, emptyVector, type VersionVector } from './clock/versionVector.js';
import type { Delivery } from './delivery.js';
import type { ReplicaId } from './ids.js';
import type { Journal } from './journal.js';

export interface ShownVectorsParts {
  readonly self: ReplicaId;
  readonly delivery: Delivery;
  readonly journal: Journal;
  /** Replicas that no vector needs to name: the same set as long as they are the same. */
  readonly shed: () => ReadonlySet<ReplicaId>;
  readonly isLeaving: () => boolean;
}

/** A vector that was made of what was delivered and shed then. */
interface Made {
  readonly vector: VersionVector;
  readonly deliveries: number;
  readonly shed: ReadonlySet<ReplicaId>;
}

/**
 * The vectors that peers and clients are shown, and that updates depend on: without the replicas that left and of which
 * every member has everything. None of them changes later.
 */
export class ShownVectors {
  readonly #parts: ShownVectorsParts;
  #clock: Made | undefined;
  #others: Made | undefined;

  constructor(parts: ShownVectorsParts) {
    this.#parts = parts;
  }

  /** What is delivered. */
  get clock(): VersionVector {
    const { delivery } = this.#parts;
    this.#clock = this.#remade(this.#clock, delivery.deliveries, () => this.of(delivery.clock));
    return this.#clock.vector;
  }

  /** What is delivered of other replicas. Own writes share one vector, for most of them would hold the same entries again. */
  get others(): VersionVector {
    const { self, delivery } = this.#parts;
    const deliveriesOfOthers = delivery.deliveries - counterOf(delivery.clock, self);
    this.#others = this.#remade(this.#others, deliveriesOfOthers, () => {
      const others = this.of(delivery.clock);
      others.delete(self);
      return others;
    });
    return this.#others.vector;
  }

  /**
   * What is durable. One that leaves tells only of its own: whoever has its leaving is to have all that it was ever said to
   * have, and what it still gets it may be the only one to have.
   */
  get durable(): VersionVector {
    const { self, journal, isLeaving } = this.#parts;
    if (!isLeaving()) return this.of(journal.durable);
    const own = counterOf(journal.durable, self);
    return own === 0 ? emptyVector : new Map([[self, own]]);
  }

  of(vector: VersionVector): Map<ReplicaId, number> {
    const shed = this.#parts.shed();
    if (shed.size === 0) return new Map(vector);
    const shown = new Map<ReplicaId, number>();
    for (const [replica, counter] of vector) if (!shed.has(replica)) shown.set(replica, counter);
    return shown;
  }

  #remade(made: Made | undefined, deliveries: number, make: () => VersionVector): Made {
    const shed = this.#parts.shed();
    if (made?.deliveries === deliveries && made.shed === shed) return made;
    return { vector: make(), deliveries, shed };
  }
}
