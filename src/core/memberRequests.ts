import type { KvcError } from '../errors.js';
import type { Dot } from './clock/dot.js';
import type { Copies } from './copies.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import type { Link } from './link.js';
import type { Links } from './links.js';
import { replicasAdmittedMax, type Membership } from './membership.js';
import {
  cannotRemoveSelf,
  lastMember,
  reachesNobody,
  removed,
  tooManyEver,
  unknownMember,
} from './refusals.js';
import type { Effect, Input } from './step.js';
import type { MemberChange } from './update.js';
import type { WriteWaiter } from './writes.js';

export type MemberRequest = Extract<Input, { kind: 'admit' | 'leave' | 'remove' }>;

export interface MemberRequestsParts {
  readonly self: ReplicaId;
  /** Where this replica's node listens; undefined for a founder. */
  readonly address: string | undefined;
  readonly membership: Membership;
  readonly links: Links;
  /** The counter of the last own update accepted. */
  readonly issued: () => number;
  readonly copies: Copies;
  readonly issue: (changes: readonly MemberChange[], waiter: WriteWaiter | undefined, nowMs: number) => void;
  /** Answers when so many replicas have an own update. */
  readonly awaitDurable: (waiter: WriteWaiter, dot: Dot) => void;
  readonly emit: (effect: Effect) => void;
}

/** A node that has asked to be admitted here, and the update that did it, if one was made. */
interface Applicant {
  readonly replica: ReplicaId;
  readonly counter: number;
  readonly copies: number;
  /** What its node was when it asked. */
  readonly before: readonly ReplicaId[];
}

/** What this replica is asked to change of the membership, and what becomes of itself. */
export class MemberRequests {
  readonly #parts: MemberRequestsParts;
  readonly #applicants = new Map<NodeName, Applicant>();
  /** It was told to leave since it was opened. */
  #isToldToLeave = false;
  /** A peer said that this replica has left. */
  #isFenced = false;

  constructor(parts: MemberRequestsParts) {
    this.#parts = parts;
  }

  /** It leaves of its own accord, and is not done with it until another member has all of its updates. */
  get isLeaving(): boolean {
    const { self, membership } = this.#parts;
    return this.#isToldToLeave || membership.get(self)?.leftBy?.replica === self;
  }

  /**
   * Why this replica must not go on; undefined if it may. One that was removed is not listened to. One that leaves knows
   * that, and ends when its driver does; but if it was opened anew meanwhile nobody waits for it, and it ends by itself.
   */
  get reasonToEnd(): KvcError | undefined {
    const { self, membership, issued, copies } = this.#parts;
    if (!this.#isFenced && !membership.hasLeft(self)) return undefined;
    const isDone = !this.#isToldToLeave && copies.ownAt(2) >= issued();
    return !this.isLeaving || isDone ? removed(self) : undefined;
  }

  /** A peer did not listen to this replica, because it has left. */
  fenced(): void {
    this.#isFenced = true;
  }

  change(input: MemberRequest, nowMs: number): void {
    const { request, deadlineMs } = input;
    const { membership, issue, emit, issued } = this.#parts;
    const error = this.#refusalOf(input);
    const replicas = this.#copiesOf(input);
    if (input.kind === 'admit') {
      const { replica } = input;
      const counter = error === undefined ? issued() + 1 : Infinity;
      const before = membership.ofNode(nodeOf(replica));
      this.#applicants.set(nodeOf(replica), { replica, counter, copies: replicas, before });
    }
    if (error !== undefined) return emit({ kind: 'failed', request, error });
    if (input.kind === 'leave') return this.#leave({ request, replicas, deadlineMs }, nowMs);
    issue(this.#changesFor(input), { request, replicas, deadlineMs }, nowMs);
  }

  /** Asked again, after it took too long or after a restart, it waits for the same update, which is its last. */
  #leave(waiter: WriteWaiter, nowMs: number): void {
    const { self, issued, issue, awaitDurable } = this.#parts;
    const hasLeft = this.isLeaving;
    this.#isToldToLeave = true;
    if (hasLeft) awaitDurable(waiter, { replica: self, counter: issued() });
    else issue([{ kind: 'leave', replica: self }], waiter, nowMs);
  }

  /**
   * The first update of a replica that joined says so again. It depends on the joining, and all its later updates on it:
   * nobody delivers a replica's updates without knowing the replica.
   */
  introduceSelf(nowMs: number): void {
    const { self, address, membership, issued, issue } = this.#parts;
    if (address === undefined || issued() > 0) return;
    if (typeof membership.get(self)?.address !== 'string') return;
    issue([{ kind: 'join', replica: self, address }], undefined, nowMs);
  }

  /**
   * How many replicas must have a change. What one that leaves has must stay. Whom only one replica has admitted would be
   * unknown to all if that lost its data or was removed, and so would all that it has written.
   */
  #copiesOf(input: MemberRequest): number {
    if (input.kind !== 'admit') return input.kind === 'leave' ? 2 : 1;
    return this.#witnesses(input.replica).length > 0 ? 2 : 1;
  }

  /** Those who can know of an admission: not what its node was before, and not those who are waiting for one themselves. */
  #witnesses(admitted: ReplicaId): Link[] {
    return [...this.#parts.links].filter((link) => link.peer !== nodeOf(admitted) && !this.#isWaiting(link));
  }

  /** A node under an id that is neither what it was when it asked nor what it asked for was admitted elsewhere since. */
  #isWaiting({ peer, replica, isHeard }: Link): boolean {
    const applicant = this.#applicants.get(peer);
    if (applicant === undefined) return false;
    const isApplicant = replica === applicant.replica;
    if (!isApplicant && !applicant.before.includes(replica)) return false;
    const hasBegun = isHeard && isApplicant;
    return !hasBegun && this.#parts.copies.ownAt(applicant.copies) < applicant.counter;
  }

  #refusalOf(input: MemberRequest): KvcError | undefined {
    const { self, membership } = this.#parts;
    if (this.isLeaving) return input.kind === 'leave' ? undefined : removed(self);
    if (input.kind === 'admit') return this.#refusalOfAdmission(input.replica);
    if (input.kind === 'leave' && membership.current.length === 1) return lastMember(self);
    if (input.kind === 'remove' && input.node === nodeOf(self)) return cannotRemoveSelf(input.node);
    if (input.kind === 'remove' && membership.ofNode(input.node).length === 0) {
      return unknownMember(input.node, membership.current);
    }
    return undefined;
  }

  /** One that is cut off from all others may have missed all that there is to know, and could not tell them. */
  #refusalOfAdmission(replica: ReplicaId): KvcError | undefined {
    const { self, membership, links } = this.#parts;
    if (membership.hasLeft(replica)) return removed(replica);
    if (membership.size >= replicasAdmittedMax) return tooManyEver(membership.size);
    const witnesses = this.#witnesses(replica);
    const isReached = ({ isHeard, peer, replica: witness }: Link): boolean =>
      isHeard && !links.unreached.includes(peer) && !links.isUnknownTo(witness);
    return witnesses.length > 0 && !witnesses.some(isReached) ? reachesNobody(nodeOf(self)) : undefined;
  }

  #changesFor(input: Exclude<MemberRequest, { kind: 'leave' }>): MemberChange[] {
    const { membership } = this.#parts;
    switch (input.kind) {
      case 'remove':
        return leaving(membership.ofNode(input.node));
      case 'admit': {
        const { replica, address } = input;
        const before = membership.ofNode(nodeOf(replica)).filter((other) => other !== replica);
        return [...leaving(before), { kind: 'join', replica, address }];
      }
    }
  }
}

function leaving(replicas: readonly ReplicaId[]): MemberChange[] {
  return replicas.map((replica) => ({ kind: 'leave', replica }));
}
