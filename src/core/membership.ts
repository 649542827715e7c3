import type { Dot } from './clock/dot.js';
import type { VersionVector } from './clock/versionVector.js';
import { containsDot, counterOf } from './clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import { mergeMember, type Member } from './member.js';
import type { MemberChange } from './update.js';

/** Each replica that ever was is remembered for ever; beyond so many no further one is admitted. */
export const replicasAdmittedMax = 8192;

/**
 * Who belongs to the cluster, as far as has been delivered: a set that grows and a set of those who left, so that
 * concurrent changes need no order. A replica that left never comes back; its node does, under a new replica id.
 * Invariants:
 * 1. Every fact is the effect of a delivered update, or the founding: replicas with the same updates agree.
 * 2. An update of a replica that left is accepted from a member that has delivered it, and from nobody else. So once every
 *    member has delivered the leaving, what the members have of it together is all that there will ever be. Updates of
 *    members are accepted from anybody.
 */
export class Membership {
  readonly #members = new Map<ReplicaId, Member>();
  #current: ReplicaId[] = [];
  #unsettled: Member[] = [];
  #hasSettled = false;
  #version = 0;

  /** @param founders - members from the beginning, if `facts` is empty */
  constructor(facts: readonly Member[], founders: readonly ReplicaId[]) {
    for (const member of facts) this.#members.set(member.replica, member);
    if (facts.length === 0)
      for (const replica of founders) this.#members.set(replica, newMember(replica, null));
    this.#derive();
  }

  /** Counts changes. */
  get version(): number {
    return this.#version;
  }

  /** All that is known, sorted by replica id. */
  facts(): Member[] {
    return [...this.#members.values()].sort((left, right) => (left.replica < right.replica ? -1 : 1));
  }

  /** How many replicas there ever were. */
  get size(): number {
    return this.#members.size;
  }

  /** Those who belong to the cluster now, sorted. */
  get current(): readonly ReplicaId[] {
    return this.#current;
  }

  /** Those who left and whose number of updates is not settled yet. */
  get unsettled(): readonly Member[] {
    return this.#unsettled;
  }

  get(replica: ReplicaId): Member | undefined {
    return this.#members.get(replica);
  }

  isMember(replica: ReplicaId): boolean {
    return this.#members.get(replica)?.leftBy === null;
  }

  hasLeft(replica: ReplicaId): boolean {
    const member = this.#members.get(replica);
    return member !== undefined && member.leftBy !== null;
  }

  /** Whether it has left, and all members have delivered the last of its updates. */
  isSettled(replica: ReplicaId): boolean {
    const member = this.#members.get(replica);
    return member !== undefined && member.final !== null;
  }

  /** Whether any replica is. */
  get hasSettled(): boolean {
    return this.#hasSettled;
  }

  ofNode(name: NodeName): ReplicaId[] {
    return this.#current.filter((replica) => nodeOf(replica) === name);
  }

  /** The changes of a delivered update. */
  apply(changes: readonly MemberChange[], dot: Dot): void {
    for (const change of changes) {
      const { replica } = change;
      const known = this.#members.get(replica) ?? newMember(replica, null);
      this.#members.set(
        replica,
        mergeMember(known, { ...newMember(replica, null), ...factsOf(change, dot) }),
      );
    }
    this.#derive();
  }

  /** A vector in which every replica that is settled has all of its updates, as every member has. */
  withFinals(vector: VersionVector): Map<ReplicaId, number> {
    const complete = new Map(vector);
    for (const { replica, final } of this.#members.values()) {
      if (final !== null && final > 0) complete.set(replica, final);
    }
    return complete;
  }

  /** True if one vector has more updates of any replica that left than the other. */
  hasMoreOfLeft(vector: VersionVector, other: VersionVector): boolean {
    return [...this.#members.values()].some(
      ({ replica, leftBy }) => leftBy !== null && counterOf(vector, replica) > counterOf(other, replica),
    );
  }

  /**
   * Replicas whose entry no vector needs any more: every member knows how many updates they have, and has them.
   * @param stable - what every member has delivered
   */
  shed(stable: VersionVector): Set<ReplicaId> {
    const shed = new Set<ReplicaId>();
    for (const { replica, closedBy } of this.#members.values()) {
      if (closedBy !== null && containsDot(stable, closedBy)) shed.add(replica);
    }
    return shed;
  }

  #derive(): void {
    this.#version += 1;
    const members = this.facts();
    this.#current = members.filter(({ leftBy }) => leftBy === null).map(({ replica }) => replica);
    this.#hasSettled = members.some(({ final }) => final !== null);
    this.#unsettled = members.filter(({ leftBy, final }) => leftBy !== null && final === null);
  }
}

function newMember(replica: ReplicaId, address: string | null): Member {
  return { replica, address, leftBy: null, final: null, closedBy: null };
}

function factsOf(change: MemberChange, dot: Dot): Partial<Member> {
  switch (change.kind) {
    case 'join':
      return { address: change.address };
    case 'leave':
      return { leftBy: dot };
    case 'close':
      return { final: change.counter, closedBy: dot };
  }
}
