import { containsDot, counterOf, covers, emptyVector, type VersionVector } from './clock/versionVector.js';
import type { Delivery } from './delivery.js';
import { nodeOf, type ReplicaId } from './ids.js';
import type { Journal } from './journal.js';
import type { Links } from './links.js';
import type { Member } from './member.js';
import type { Requests } from './requests.js';
import { Stability } from './stability.js';
import type { MemberChange } from './update.js';

/** How often it is looked at what is stable. */
const intervalMs = 200;

/** Keys looked at in one step, so that none takes long. */
const keysAtOnceMax = 500;

export interface UpkeepParts {
  readonly self: ReplicaId;
  readonly delivery: Delivery;
  readonly journal: Journal;
  readonly links: Links;
  readonly requests: Requests;
  /** One that leaves has written its last update. */
  readonly isLeaving: () => boolean;
  /** Makes an own update of changes of the membership. */
  readonly issue: (changes: readonly MemberChange[], nowMs: number) => void;
}

/** What a replica does by itself, now and then: it finds out what is stable, and forgets and settles what that allows. */
export class Upkeep {
  readonly stability = new Stability();
  readonly #parts: UpkeepParts;
  /** What was issued, so that it is not issued twice while it is on its way to the disk. */
  readonly #issued = new Set<string>();
  #shed: ReadonlySet<ReplicaId> = new Set();
  #surveyAtMs = 0;
  /** After every survey, until nothing is left that can be forgotten. */
  #collectAtMs = 0;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Replicas that no vector needs to name any more: the same set as long as they are the same. */
  get shed(): ReadonlySet<ReplicaId> {
    return this.#shed;
  }

  get nextMs(): number {
    return Math.min(this.#surveyAtMs, this.#collectAtMs);
  }

  /** To be called in every step. */
  run(nowMs: number): void {
    if (nowMs >= this.#surveyAtMs) {
      this.#surveyAtMs = nowMs + intervalMs;
      this.#survey(nowMs);
      this.#collectAtMs = nowMs;
    }
    if (nowMs < this.#collectAtMs) return;
    // Soon where there is more, but not in this very moment: others have their turn between.
    this.#collectAtMs = this.#collect(nowMs) ? nowMs + 1 : Infinity;
  }

  #survey(nowMs: number): void {
    const { delivery, self, isLeaving } = this.#parts;
    const { membership } = delivery;
    const vectors = this.#vectors();
    this.stability.update(
      { vectors, membershipVersion: membership.version, isSettled: membership.unsettled.length === 0 },
      delivery.clock,
    );
    const shed = membership.shed(this.stability.stable);
    if (!sameItems(shed, this.#shed)) this.#shed = shed;
    if (membership.isMember(self) && !isLeaving()) this.#settle(vectors, nowMs);
  }

  /** The durable vectors of all members, as far as they were heard, this replica's own first. */
  #vectors(): VersionVector[] {
    const { self, delivery, journal, links } = this.#parts;
    const { membership } = delivery;
    const others = membership.current.filter((replica) => replica !== self);
    const vectors = others.map((replica) => links.get(replica)?.acked ?? emptyVector);
    return [journal.durable, ...vectors].map((vector) => membership.withFinals(vector));
  }

  /** Issues what has to be settled, if this replica is the one to do it. */
  #settle(vectors: readonly VersionVector[], nowMs: number): void {
    const { self, delivery, issue } = this.#parts;
    const { membership } = delivery;
    const changes: MemberChange[] = [];
    // Under one node name there is one replica. Another one is what this node was before it lost its data.
    for (const replica of membership.ofNode(nodeOf(self))) {
      if (replica !== self) changes.push({ kind: 'leave', replica });
    }
    if (membership.current[0] === self) {
      for (const [replica, counter] of finalCounts(membership.unsettled, vectors, delivery.clock)) {
        changes.push({ kind: 'close', replica, counter });
      }
    }
    const fresh = changes.filter(({ replica, kind }) => !this.#issued.has(`${kind} ${replica}`));
    if (fresh.length === 0) return;
    for (const { replica, kind } of fresh) this.#issued.add(`${kind} ${replica}`);
    issue(fresh, nowMs);
  }

  /** Forgets some of what can be forgotten; true if there is more. */
  #collect(nowMs: number): boolean {
    const { delivery, requests } = this.#parts;
    const { collectable } = this.stability;
    for (const key of delivery.tombstones.take(collectable, keysAtOnceMax))
      delivery.collect(key, collectable);
    const hasMoreRequests = requests.forget(collectable, nowMs);
    return hasMoreRequests || delivery.tombstones.isDue(collectable);
  }
}

function sameItems<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
  return left.size === right.size && [...left].every((item) => right.has(item));
}

/**
 * How many updates replicas that left have in all, where that is certain. Once every member has delivered the leaving of
 * them all, it takes their updates from other members only; so if all of them have the same number, nobody will ever get
 * another. The members must be all there are: one that is not known here got its state from one that is, after that had
 * delivered the joining; if no vector contains what is not delivered here, that was later, and the state had it all.
 */
function finalCounts(
  left: readonly Member[],
  vectors: readonly VersionVector[],
  delivered: VersionVector,
): [ReplicaId, number][] {
  const isKnown = left.every(
    ({ leftBy }) => leftBy !== null && vectors.every((vector) => containsDot(vector, leftBy)),
  );
  if (!isKnown || !vectors.every((vector) => covers(delivered, vector))) return [];
  return left.flatMap(({ replica }) => {
    const [first = 0, ...others] = vectors.map((vector) => counterOf(vector, replica));
    return others.every((counter) => counter === first) ? [[replica, first]] : [];
  });
}
