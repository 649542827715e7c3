import { counterOf, type VersionVector } from './clock/versionVector.js';
import { nodeOf, type NodeName, type ReplicaId } from './ids.js';
import { Link, type LinkAnswer, type Stream } from './link.js';
import type { LinkLimits } from './linkLimits.js';
import type { Membership } from './membership.js';
import { Reachability } from './reachability.js';
import { Recognition } from './recognition.js';
import { RelayMarks, relayWaitMs, type Connections } from './relay.js';
import type { Effect } from './step.js';

export interface LinksOptions {
  readonly self: ReplicaId;
  readonly limits: LinkLimits;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
}

/** What a replica can ship, live. */
export interface Supply {
  readonly durable: VersionVector;
  /** What the log no longer holds. */
  readonly start: VersionVector;
}

interface Peer {
  readonly link: Link;
  readonly reach: Reachability;
  readonly marks: RelayMarks;
  readonly recognition: Recognition;
  /** What was offered to the link last. */
  streams: readonly Stream[];
}

/** Of this replica's own updates, what can be shipped and what the log no longer holds: the last counters. */
interface OwnSupply {
  readonly last: number;
  readonly start: number;
}

/** A replica's links to all other members, and what it ships on each: its own updates, and those of others in need. */
export class Links {
  readonly #options: LinksOptions;
  readonly #membership: Membership;
  #peers = new Map<ReplicaId, Peer>();
  #membershipVersion = -1;
  #unreached: readonly NodeName[] = [];
  #relayed = 0;
  /** Those of which something was heard, or failed, since it was last looked whether there is something to send. */
  #touched = new Map<ReplicaId, Peer>();
  /** What all links were offered last. */
  #offered: OwnSupply = { last: -1, start: -1 };
  /** When a link may have something to send, or to tell, that was not touched meanwhile. */
  #wakeAtMs = -Infinity;
  /** Everybody reaches everybody, as far as was known when all links were looked at last: nothing is to be relayed. */
  #isCalm = false;

  constructor(options: LinksOptions, membership: Membership) {
    this.#options = options;
    this.#membership = membership;
  }

  *[Symbol.iterator](): Iterator<Link> {
    for (const { link } of this.#peers.values()) yield link;
  }

  /** The nodes that this replica does not reach, as it tells its peers. */
  get unreached(): readonly NodeName[] {
    return this.#unreached;
  }

  /** Updates of other origins that were shipped. */
  get relayed(): number {
    return this.#relayed;
  }

  get(replica: ReplicaId): Link | undefined {
    return this.#peers.get(replica)?.link;
  }

  /** Whether a peer has not delivered yet that this replica joined. */
  isUnknownTo(replica: ReplicaId): boolean {
    return this.#peers.get(replica)?.recognition.isUnknown ?? false;
  }

  isSilent(replica: ReplicaId, nowMs: number): boolean {
    return this.#peers.get(replica)?.reach.isSilent(nowMs) ?? false;
  }

  /**
   * There is a link to each member from now on, and to nobody else. Not to one of the own node: that is what this was before
   * it lost its data, and who calls there gets this one.
   */
  followMembership(nowMs: number): void {
    if (this.#membershipVersion === this.#membership.version) return;
    this.#membershipVersion = this.#membership.version;
    this.#wakeAtMs = -Infinity;
    const { self, limits, random } = this.#options;
    // One that leaves keeps its links, by which its last updates get away.
    const members = this.#membership.current.filter((replica) => nodeOf(replica) !== nodeOf(self));
    this.#peers = new Map(
      members.map((replica) => {
        const known = this.#peers.get(replica);
        const link = known?.link ?? new Link(replica, self, limits, random);
        return [
          replica,
          known ?? {
            link,
            reach: new Reachability(nowMs),
            marks: new RelayMarks(),
            recognition: new Recognition(),
            streams: [],
          },
        ];
      }),
    );
  }

  /** An answer may come from another replica than the one addressed, which then did not get the message. */
  answered(to: ReplicaId, answer: LinkAnswer, nowMs: number): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    if (answer.from !== to) return this.unanswered(to, nowMs);
    this.#touched.set(to, peer);
    peer.reach.answered();
    peer.reach.heard(answer.unreached, nowMs);
    peer.link.answered(answer, nowMs);
    peer.recognition.heard(counterOf(peer.link.acked, this.#options.self));
  }

  unanswered(to: ReplicaId, nowMs: number): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    this.#touched.set(to, peer);
    peer.reach.failed(nowMs);
    peer.link.unanswered(nowMs);
  }

  /**
   * A peer answered that it does not know this replica. What brings it the news may be updates of others, which it takes from
   * anybody; so it is not without reach, and gets those meanwhile.
   */
  unknownTo(to: ReplicaId, nowMs: number): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    this.#touched.set(to, peer);
    peer.recognition.refused(counterOf(peer.link.acked, this.#options.self), nowMs);
    peer.reach.answered();
    peer.link.unanswered(nowMs);
  }

  /** A peer sent a message. */
  heard(from: ReplicaId, clock: VersionVector, unreached: readonly NodeName[], nowMs: number): void {
    const peer = this.#peers.get(from);
    if (peer === undefined) return;
    this.#touched.set(from, peer);
    peer.reach.heard(unreached, nowMs);
    peer.link.heard(clock, nowMs);
    peer.recognition.heard(counterOf(peer.link.acked, this.#options.self));
  }

  /** When `ship` may have something to send, or to tell, without any other input before. */
  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  /**
   * Emits whatever is to be sent now. Links of which nothing was heard have nothing to send before their time where there is no
   * own update to ship and nothing to relay; so what a received message costs does not grow with the number of members.
   */
  ship(supply: Supply, emit: (effect: Effect) => void, nowMs: number): void {
    const { self } = this.#options;
    const own = { last: counterOf(supply.durable, self), start: counterOf(supply.start, self) };
    const isAsOffered = own.last === this.#offered.last && own.start === this.#offered.start;
    if (isAsOffered && this.#isCalm && nowMs < this.#wakeAtMs) {
      const touched = this.#takeTouched();
      if (touched.every(([, peer]) => isInOrder(peer, nowMs))) {
        return this.#shipToEach(touched, supply, noOrigins, emit, nowMs);
      }
    }
    this.#offered = own;
    this.#takeTouched();
    this.#wakeAtMs = Infinity;
    this.#watchReach(nowMs);
    const inNeed = this.#originsInNeed(nowMs);
    this.#isCalm = inNeed.length === 0 && this.#unreached.length === 0;
    this.#shipToEach(this.#peers, supply, inNeed, emit, nowMs);
  }

  #takeTouched(): (readonly [ReplicaId, Peer])[] {
    const touched = this.#touched;
    this.#touched = new Map();
    return [...touched];
  }

  #shipToEach(
    peers: Iterable<readonly [ReplicaId, Peer]>,
    supply: Supply,
    inNeed: readonly ReplicaId[],
    emit: (effect: Effect) => void,
    nowMs: number,
  ): void {
    for (const [replica, peer] of peers) {
      peer.streams = this.#streamsFor(replica, peer, supply, inNeed, nowMs);
      this.#shipTo(replica, peer, emit, nowMs);
      this.#wakeAtMs = Math.min(this.#wakeAtMs, nextMsOf(peer, nowMs));
    }
  }

  #shipTo(replica: ReplicaId, { link, streams }: Peer, emit: (effect: Effect) => void, nowMs: number): void {
    for (;;) {
      const shipment = link.nextShipment(streams, nowMs);
      if (shipment === undefined) return;
      const { origin, first, last } = shipment;
      if (origin !== this.#options.self) this.#relayed += last - first + 1;
      const offersSnapshot = link.isBehindLog(streams);
      emit({ kind: 'ship', peer: replica, origin, first, last, offersSnapshot });
    }
  }

  /** Peers that no longer are reached, or are again, are told of at once: others may have to relay. */
  #watchReach(nowMs: number): void {
    const unreached: NodeName[] = [];
    for (const { link, reach } of this.#peers.values())
      if (reach.isUnreached(nowMs)) unreached.push(link.peer);
    const isAsBefore =
      unreached.length === this.#unreached.length &&
      unreached.every((node, index) => node === this.#unreached[index]);
    if (isAsBefore) return;
    this.#unreached = unreached;
    for (const { link } of this.#peers.values()) link.hurry();
  }

  /** Whose updates may have to be relayed: none, as long as everybody reaches everybody. */
  #originsInNeed(nowMs: number): readonly ReplicaId[] {
    const origins: ReplicaId[] = this.#membership.unsettled.map(({ replica }) => replica);
    for (const [replica, { reach }] of this.#peers) {
      if (reach.unreached.length > 0 || reach.isSilent(nowMs)) origins.push(replica);
    }
    return origins;
  }

  #streamsFor(
    replica: ReplicaId,
    peer: Peer,
    { durable, start }: Supply,
    inNeed: readonly ReplicaId[],
    nowMs: number,
  ): readonly Stream[] {
    const { self } = this.#options;
    const own = { origin: self, start: counterOf(start, self), last: counterOf(durable, self) };
    const streams: Stream[] = peer.recognition.isOffered(nowMs) ? [own] : [];
    // Until the peer answers again there is no use in bringing it more than the question whether it does.
    if (peer.reach.isUnreached(nowMs)) return streams;
    const { acked } = peer.link;
    const missed = inNeed.filter(
      (origin) => origin !== replica && counterOf(acked, origin) < counterOf(durable, origin),
    );
    const toRelay: ReplicaId[] = [];
    for (const origin of missed) {
      const waitMs = this.#relayWaitMs(replica, origin, nowMs);
      if (waitMs === undefined) continue;
      toRelay.push(origin);
      const last = counterOf(durable, origin);
      if (peer.marks.isDue(origin, waitMs, { acked, heardAtMs: peer.reach.heardAtMs }, last, nowMs)) {
        streams.push({ origin, start: counterOf(start, origin), last });
      }
    }
    peer.marks.keepOnly(toRelay);
    return streams;
  }

  #relayWaitMs(peer: ReplicaId, origin: ReplicaId, nowMs: number): number | undefined {
    const connections = (member: ReplicaId): Connections | undefined => {
      const reach = this.#peers.get(member)?.reach;
      return reach && { isSilent: reach.isSilent(nowMs), unreached: reach.unreached };
    };
    return relayWaitMs({
      self: this.#options.self,
      peer,
      origin,
      members: this.#membership.current,
      connections,
    });
  }
}

const noOrigins: readonly ReplicaId[] = [];

/** Messages come through to it, and it says the same of its peers. */
function isInOrder({ reach }: Peer, nowMs: number): boolean {
  return !reach.isUnreached(nowMs) && reach.unreached.length === 0;
}

/** When there may be something to send to a peer, or to tell of it, without any other input before. */
function nextMsOf({ link, reach, recognition, streams }: Peer, nowMs: number): number {
  return Math.min(link.wakeAtMs(streams), reach.nextChangeMs(nowMs), recognition.nextChangeMs(nowMs));
}
