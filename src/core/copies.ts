import type { Dot } from './clock/dot.js';
import { containsDot, counterOf } from './clock/versionVector.js';
import type { Durability } from './durabilityWaits.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import type { Journal } from './journal.js';
import type { Link } from './link.js';
import type { Links } from './links.js';
import type { Membership } from './membership.js';

/** Which replicas have made what durable, as far as is known here: this one, and those that it has links to. */
export class Copies implements Durability {
  readonly #self: ReplicaId;
  readonly #journal: Journal;
  readonly #links: Links;
  readonly #membership: Membership;

  constructor(self: ReplicaId, journal: Journal, links: Links, membership: Membership) {
    this.#self = self;
    this.#journal = journal;
    this.#links = links;
    this.#membership = membership;
  }

  ownAt(replicas: number): number {
    const counters = [counterOf(this.#journal.durable, this.#self)];
    for (const { acked } of this.#links) counters.push(counterOf(acked, this.#self));
    return counters.sort((left, right) => right - left)[replicas - 1] ?? 0;
  }

  countOf(dot: Dot): number {
    if (!containsDot(this.#journal.durable, dot)) return 0;
    let count = 1;
    for (const link of this.#links) if (this.#isAt(link, dot)) count += 1;
    return count;
  }

  /** The nodes that have an update, if this one has. */
  nodesWith(dot: Dot): NodeName[] {
    if (!containsDot(this.#journal.durable, dot)) return [];
    const nodes = [nodeOf(this.#self)];
    for (const link of this.#links) if (this.#isAt(link, dot)) nodes.push(link.peer);
    return nodes;
  }

  /** Vectors need not name a replica that is settled: every member has all of it. */
  #isAt({ acked }: Link, dot: Dot): boolean {
    return containsDot(acked, dot) || dot.counter <= (this.#membership.get(dot.replica)?.final ?? 0);
  }
}
