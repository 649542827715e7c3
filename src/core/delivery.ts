import { unionOfDots, type Dot } from './clock/dot.js';
import { HybridClock, msOfTimestamp, type HybridTimestamp } from './clock/hybridClock.js';
import { containsDot, counterOf, firstMissing, type VersionVector } from './clock/versionVector.js';
import type { ReplicaId } from './ids.js';
import type { Member } from './member.js';
import type { KvcError } from '../errors.js';
import { applyOperations } from './applyOperations.js';
import { Expiring } from './expiring.js';
import { holds, type Condition } from './condition.js';
import { conditionFailed } from './refusals.js';
import { outlineOf } from './contents.js';
import { MetVersions } from './metVersions.js';
import { PendingUpdates } from './pendingUpdates.js';
import { Membership } from './membership.js';
import type { Keyspace, ReplicaState, RequestTable } from './state.js';
import type { KeyChange } from './step.js';
import type { Seen } from './seen.js';
import { Tombstones } from './tombstones.js';
import { typeRefusal } from './typeRules.js';
import { contentBytes, isIncrement, operationsByKey, type Operation, type Update } from './update.js';
import {
  dotsOf,
  isTombstone,
  observedDots,
  withoutTombstones,
  type RegisterVersion,
  type Versions,
} from './versions.js';

/**
 * - causal: an update waits for all of its dependencies.
 * - fifo: an update waits only for its origin's previous one. It exists to show what goes wrong without the rest.
 */
export type DeliveryMode = 'causal' | 'fifo';

/** What a replica has delivered, and what the keys are as a result. */
export interface DeliveredFacts {
  readonly clock: VersionVector;
  /** The greatest timestamp delivered. */
  readonly timestamp: HybridTimestamp;
  /** How many keys have a value. */
  readonly liveKeys: number;
  /** How many keys have siblings. */
  readonly conflictedKeys: number;
  /** All replicas that belong to the cluster or once did, sorted by id; empty before the first has been recorded. */
  readonly members: readonly Member[];
}

/** How much may wait for a dependency. What is more is refused; its sender has it still. */
export interface PendingLimits {
  /** Updates. */
  readonly pendingMax: number;
  /** Bytes of their keys and values. */
  readonly pendingBytesMax: number;
}

export type OfferOutcome = 'delivered' | 'pending' | 'duplicate' | 'refused';

/** A timestamp further ahead of the local clock than this is reported. */
const skewReportedFromMs = 60_000;

/**
 * Decides when an update becomes visible. Invariants:
 * 1. In causal mode an update is delivered when V[o] = c-1 and D[k] <= V[k] for every other k, and never before.
 * 2. Each update is delivered at most once, and each origin's updates in the order of their counters.
 * 3. The operations of an update are applied without interruption: no reader sees some of them.
 *
 * Source: the causal broadcast of Birman, Schiper and Stephenson (ACM TOCS 9(3), 1991), with dependencies that name
 * what was observed (Lloyd et al., COPS, SOSP 2011) instead of all that was delivered.
 */
export class Delivery {
  readonly pending = new PendingUpdates();
  readonly hybridClock: HybridClock;
  readonly membership: Membership;
  readonly tombstones: Tombstones;
  readonly expiring: Expiring;
  readonly met: MetVersions;
  readonly #mode: DeliveryMode;
  readonly #limits: PendingLimits;
  readonly #keys: Keyspace;
  readonly #requests: RequestTable;
  readonly #clock: Map<ReplicaId, number>;
  #liveKeys: number;
  #conflictedKeys: number;
  #deliveries = 0;
  /**
   * Dependencies that were delivered when they were last looked at, and so still are. Updates that were accepted together have
   * the same ones, the same object: then what an update costs does not grow with the number of replicas.
   */
  #met: VersionVector | undefined;
  #skewMs = 0;

  /** @param founders - who belongs to the cluster if nothing is recorded */
  constructor(
    options: {
      readonly mode: DeliveryMode;
      readonly limits: PendingLimits;
      readonly founders: readonly ReplicaId[];
    },
    state: Pick<ReplicaState, 'keys' | 'requests'>,
    recovered: DeliveredFacts,
  ) {
    this.#mode = options.mode;
    this.#limits = options.limits;
    this.#keys = state.keys;
    this.#requests = state.requests;
    this.membership = new Membership(recovered.members, options.founders);
    this.met = new MetVersions(state.keys, this.membership);
    this.tombstones = new Tombstones(state.keys.size > 0);
    this.expiring = new Expiring(state.keys.size > 0);
    this.#clock = new Map(recovered.clock);
    this.#liveKeys = recovered.liveKeys;
    this.#conflictedKeys = recovered.conflictedKeys;
    this.hybridClock = new HybridClock(recovered.timestamp);
  }

  /** The delivered vector, live: it grows as updates are delivered. Copy it to keep it. */
  get clock(): VersionVector {
    return this.#clock;
  }

  /** Counts the updates delivered since this was opened, those of a replay too. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** How far the furthest timestamp delivered was ahead of the local clock, if that is worth a report; else 0. */
  get skewMs(): number {
    return this.#skewMs;
  }

  facts(): DeliveredFacts {
    return {
      clock: new Map(this.#clock),
      timestamp: this.hybridClock.latest,
      liveKeys: this.#liveKeys,
      conflictedKeys: this.#conflictedKeys,
      members: this.membership.facts(),
    };
  }

  /**
   * Takes a received update: delivers it, together with every pending one that waited for it, or keeps it pending.
   * Refused when it would have to wait and the pending buffer is full: its sender has it still. One that can be
   * delivered at once is never refused, so that a full buffer drains.
   * @param delivered - gets the updates that were delivered, in order
   */
  offer(update: Update, nowMs: number, delivered: Update[]): OfferOutcome {
    if (containsDot(this.#clock, update.dot) || this.pending.get(update.dot) !== undefined)
      return 'duplicate';
    this.#watchSkew(update.timestamp, nowMs);
    const missing = this.#missingFor(update);
    if (missing === undefined) {
      delivered.push(update);
      for (const each of this.deliver(update)) delivered.push(each);
      return 'delivered';
    }
    if (!this.#hasRoomFor(update)) return 'refused';
    this.pending.add(update, missing, nowMs);
    return 'pending';
  }

  /**
   * Delivers an update whose dependencies are there, then whatever pending updates that frees.
   * @param changes - gets what the update itself changed
   * @returns those, in the order of their delivery
   */
  deliver(update: Update, changes?: KeyChange[]): readonly Update[] {
    if (this.pending.size === 0) {
      this.#apply(update, changes);
      return noUpdates;
    }
    const freed: Update[] = [];
    let ready = [update];
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      this.#apply(next, next === update ? changes : undefined);
      if (next !== update) freed.push(next);
      if (next.memberChanges !== undefined) ready = this.#withoutStrangers(ready);
      for (const woken of this.pending.wake(next.dot)) {
        const missing = this.#missingFor(woken.update);
        if (missing === undefined) {
          this.pending.remove(woken);
          ready.push(woken.update);
        } else this.pending.waitFor(woken, missing);
      }
    }
    return freed;
  }

  /** Applies an update again that was delivered before a restart, in the order of the log. */
  replay(update: Update): void {
    if (!containsDot(this.#clock, update.dot)) this.#apply(update);
  }

  /** The values of a key, deleted and expired ones among them. */
  registersAt(key: string): RegisterVersion[] {
    return (this.#keys.get(key) ?? []).filter((version) => version.kind === undefined);
  }

  /** Why operations are not to be accepted by what their keys hold; undefined if they may. */
  refusalOf(operations: readonly Operation[], condition: Condition | undefined): KvcError | undefined {
    if (condition !== undefined) {
      for (const { key } of operations)
        if (!holds(condition, this.#keys.get(key), this.membership)) return conditionFailed(key, condition);
    }
    return typeRefusal(operations, this.#keys);
  }

  /** A search has found tombstones, or values that expire, at this key. */
  remember(key: string): void {
    const versions = this.#keys.get(key) ?? [];
    this.#noteTombstones(key, versions);
    this.expiring.note(key, versions);
  }

  /** True if a search through all keys is needed to find such. */
  get needsSearch(): boolean {
    return this.tombstones.needSearch || this.expiring.needSearch;
  }

  beginSearch(): void {
    this.tombstones.searched();
    this.expiring.searched();
  }

  /**
   * Forgets those tombstones of a key that nothing can miss.
   * @param collectable - see `Stability`
   */
  collect(key: string, collectable: VersionVector): void {
    const before = this.#keys.get(key);
    if (before === undefined) return;
    const after = withoutTombstones(before, collectable);
    if (after === before) return;
    this.#count(before, -1);
    this.#count(after, 1);
    if (after.length > 0) this.#keys.set(key, after);
    else this.#keys.remove(key);
  }

  #hasRoomFor(update: Update): boolean {
    const { pendingMax, pendingBytesMax } = this.#limits;
    return (
      this.pending.size < pendingMax &&
      this.pending.bytes + contentBytes(update.operations) <= pendingBytesMax
    );
  }

  #missingFor(update: Update): Dot | undefined {
    const { replica, counter } = update.dot;
    if (counterOf(this.#clock, replica) < counter - 1) return { replica, counter: counter - 1 };
    if (update.dependencies === this.#met) return undefined;
    const missing = this.#mode === 'fifo' ? undefined : firstMissing(this.#clock, update.dependencies);
    if (missing === undefined) this.#met = update.dependencies;
    return missing;
  }

  #apply(update: Update, changes?: KeyChange[]): void {
    this.#deliveries += 1;
    this.#clock.set(update.dot.replica, update.dot.counter);
    this.hybridClock.observe(update.timestamp);
    const twins = update.request === undefined ? undefined : this.#requests.get(update.request);
    const { operations } = update;
    const only = operations.length === 1 ? operations[0] : undefined;
    if (only !== undefined) this.#applyTo(only.key, operations, update, twins, changes);
    else {
      for (const [key, ofKey] of operationsByKey(operations)) {
        this.#applyTo(key, ofKey, update, twins, changes);
      }
    }
    if (update.request !== undefined)
      this.#requests.set(update.request, unionOfDots(twins ?? [], [update.dot]));
    if (update.memberChanges !== undefined) this.membership.apply(update.memberChanges, update.dot);
  }

  #applyTo(
    key: string,
    operations: readonly Operation[],
    update: Update,
    twins: readonly Dot[] | undefined,
    changes: KeyChange[] | undefined,
  ): void {
    const before = this.#keys.get(key);
    const seen = operations.some(isIncrement) ? this.#seenBy(update) : update;
    const after = applyOperations(before, update, operations, twins, seen);
    this.#replace(key, before, after);
    changes?.push({ key, before: before ?? [], after });
  }

  /** By the time that a replica's updates are settled, whatever had not seen all of them has been delivered. */
  #seenBy({ dot, dependencies }: Update): Seen {
    return { dot, dependencies, isSettled: ({ replica }) => this.membership.isSettled(replica) };
  }

  /**
   * Forgets what waits of replicas that do not belong to the cluster, now that it has changed: it may come from one that is
   * not listened to any more, or depend on what is lost. Whoever has it by rights will bring it again.
   * @returns those of these updates that need not be forgotten
   */
  #withoutStrangers(updates: readonly Update[]): Update[] {
    for (const origin of [...this.pending.origins, ...updates.map(({ dot }) => dot.replica)]) {
      if (!this.membership.isMember(origin)) this.pending.removeFrom(origin);
    }
    return updates.filter(({ dot }) => this.membership.isMember(dot.replica));
  }

  #replace(key: string, before: Versions | undefined, after: Versions): void {
    if (after.length > 0) this.#keys.set(key, after);
    else if (before !== undefined) this.#keys.remove(key);
    // Most updates: one value in the place of another one.
    if (isOneValue(after) && (before === undefined || isOneValue(before))) {
      if (before === undefined) this.#liveKeys += 1;
      this.expiring.forget(key);
      return;
    }
    this.#noteTombstones(key, after);
    this.expiring.note(key, after);
    this.#count(before, -1);
    this.#count(after, 1);
  }

  #noteTombstones(key: string, versions: Versions): void {
    for (const version of versions) {
      if (!isTombstone(version)) continue;
      // It goes with the last of all these that can.
      const expiry = observedDots(version).slice(1).at(-1);
      for (const dot of expiry === undefined ? dotsOf(version) : [...dotsOf(version), expiry]) {
        this.tombstones.add(key, dot);
      }
    }
  }

  #count(versions: Versions | undefined, change: 1 | -1): void {
    if (versions === undefined) return;
    const { type, count } = outlineOf(versions);
    if (type !== undefined) this.#liveKeys += change;
    if (count > 1) this.#conflictedKeys += change;
  }

  #watchSkew(timestamp: HybridTimestamp, nowMs: number): void {
    const aheadMs = msOfTimestamp(timestamp) - nowMs;
    if (aheadMs > skewReportedFromMs && aheadMs > this.#skewMs) this.#skewMs = aheadMs;
  }
}

/** One that does not expire, and nothing else. */
function isOneValue(versions: Versions): boolean {
  const [first] = versions;
  if (versions.length !== 1 || first === undefined || first.kind !== undefined) return false;
  return first.value !== null && first.expiresMs === undefined;
}

const noUpdates: readonly Update[] = [];
