import type { Dot } from '../../src/core/clock/dot.js';
import { containsDot, counterOf, type VersionVector } from '../../src/core/clock/versionVector.js';
import type { DeliveryMode } from '../../src/core/delivery.js';
import { firstReplicaId, laterReplicaId, type NodeName, type ReplicaId } from '../../src/core/ids.js';
import { Replica } from '../../src/core/replica.js';
import type { ReplicaLimits } from '../../src/core/replicaLimits.js';
import type { History } from '../../src/core/state.js';
import type { Effect, Input } from '../../src/core/step.js';
import type { Operation, RequestId, Update } from '../../src/core/update.js';
import type { Versions } from '../../src/core/versions.js';
import type { CausalOracle, View } from './causalOracle.js';
import type { Happenings } from './happenings.js';
import { TestKeyspace, TestRequests } from './memoryState.js';
import { mergeSnapshots } from './mergeSnapshots.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { VirtualDisk, type Snapshot } from './virtualDisk.js';

export interface NodeSettings {
  readonly founders: readonly ReplicaId[];
  readonly delivery: DeliveryMode;
  readonly limits: Partial<ReplicaLimits>;
  readonly random: SeededRandom;
  readonly oracle: CausalOracle;
  readonly happened: Happenings;
}

/**
 * What is to become of a node. One that is condemned will be removed by force, so that its disk counts for nothing any
 * more; one that is gone never comes back.
 */
type Fate = 'stays' | 'leaves' | 'condemned' | 'gone';

/**
 * A node: its disk, which loses in a crash what it did not promise to keep, and the replica that runs on it, watched by the
 * oracle. It checks what every driver relies on: that effects name durable dots only. Without a disk it is to join.
 */
export class VirtualNode {
  readonly name: NodeName;
  readonly #settings: NodeSettings;
  /** What the writer of each list of operations has observed; a sessionless one has seen what the replica shows. */
  readonly #observed = new Map<readonly Operation[], VersionVector>();
  readonly #touched = new Set<string>();
  #self: ReplicaId;
  fate: Fate = 'stays';
  disk: VirtualDisk | undefined;
  /** Counts starts: what was under way in an earlier life is nothing to this one. */
  life = 0;
  isUp = false;
  keys!: TestKeyspace;
  requests!: TestRequests;
  view!: View;
  replica!: Replica;

  constructor(name: NodeName, settings: NodeSettings) {
    this.name = name;
    this.#settings = settings;
    this.#self = firstReplicaId(name);
    if (settings.founders.includes(this.#self)) this.disk = new VirtualDisk(this.#self);
  }

  /** The replica that it is, or asks to become. */
  get self(): ReplicaId {
    return this.#self;
  }

  get isJoining(): boolean {
    return this.disk === undefined && this.fate === 'stays';
  }

  /** Whether it serves, and will go on as it does. */
  get isServing(): boolean {
    return this.isUp && this.fate === 'stays';
  }

  /** Opens what the disk has: the checkpoint, then the log above it. */
  start(): void {
    const { disk } = this;
    if (disk === undefined) throw new Error(`${this.name} has nothing to start from`);
    const { random, founders, delivery, limits, happened } = this.#settings;
    const { facts, versions, requests } = disk.state;
    this.isUp = true;
    this.life += 1;
    this.view = { name: this.self, shown: new Map() };
    this.keys = new WatchedKeyspace(versions, this.#touched, happened);
    this.requests = new WatchedRequests(requests, happened);
    const isFounder = founders.includes(this.self);
    this.replica = new Replica(
      {
        self: this.self,
        founders,
        delivery,
        limits,
        random: random.next,
        ...(isFounder ? {} : { address: this.name }),
      },
      { keys: this.keys, requests: this.requests, history: this.#watch(disk) },
      facts,
    );
    for (const update of disk.replayed()) this.replica.replay(update);
    this.#checkShown();
    this.checkAllKeys();
  }

  /** Loses all memory, and of the disk some of what was not yet reported as durable. */
  crash(): void {
    const { random, oracle, happened } = this.#settings;
    const lost = this.disk?.crash(random) ?? [];
    for (const update of lost) if (update.dot.replica === this.self) oracle.lost(update);
    happened.lostInCrash += lost.length;
    this.isUp = false;
  }

  /** Its disk is lost or thrown away. It may join again, as another replica. */
  discard(): void {
    if (this.isUp) this.crash();
    this.disk = undefined;
    this.renew();
  }

  /** Takes another name for the replica that it asks to become. */
  renew(): void {
    const incarnation = Math.floor(this.#settings.random.next() * 36 ** 6).toString(36);
    this.#self = laterReplicaId(this.name, incarnation);
  }

  /** It was admitted, and this is the state of the one that did it. */
  join(snapshot: Snapshot): void {
    this.disk = new VirtualDisk(this.self, snapshot);
    this.start();
  }

  snapshot(): Snapshot {
    const facts = this.replica.facts();
    this.replica.noteHandedOut(facts.clock);
    return { facts, versions: new Map(this.keys.versions), requests: new Map(this.requests.dots) };
  }

  /** Stores the state as it is, if the log holds durably what that reflects. */
  checkpoint(): void {
    if (this.disk?.isFlushed === true) this.disk.checkpoint(this.snapshot());
  }

  /** Takes in a peer's state, keeping what of its own that lacks, and starts anew. False if it has to flush first. */
  load(snapshot: Snapshot): boolean {
    if (this.disk?.isFlushed !== true) return false;
    const { happened } = this.#settings;
    happened.snapshotsLoaded += 1;
    const own = counterOf(this.replica.clock, this.self);
    if (own > counterOf(snapshot.facts.clock, this.self)) happened.snapshotsMerged += 1;
    this.disk.install(mergeSnapshots(this.snapshot(), snapshot));
    this.crash();
    this.start();
    return true;
  }

  /** Forgets the oldest updates of the log: those that all members have, and all but `keep` in any case. */
  truncate(keep: number): void {
    const { happened } = this.#settings;
    const stable = this.replica.stable;
    const dropped = this.disk?.truncate((dot) => containsDot(stable, dot)) ?? [];
    happened.truncatedStable += dropped.length;
    let excess = (this.disk?.history.updates.length ?? 0) - keep;
    happened.truncatedEarly += this.disk?.truncate(() => (excess -= 1) >= 0).length ?? 0;
  }

  /** Remembers what a writer has seen before the replica is told, so that the oracle knows it. */
  write(input: Extract<Input, { kind: 'write' }>, nowMs: number): Effect[] {
    if (input.context !== undefined) this.#observed.set(input.operations, input.context);
    return this.step(input, nowMs);
  }

  step(input: Input, nowMs: number): Effect[] {
    if (input.kind === 'persisted') this.disk?.flush(input.sequence);
    const effects = this.replica.step(input, nowMs);
    this.#checkShown();
    for (const effect of effects) this.#checkDurable(effect);
    return effects;
  }

  /** Every key that was ever written, and every one that it holds. */
  checkAllKeys(): void {
    const keys = new Set([...this.#settings.oracle.keys(), ...this.keys.versions.keys()]);
    for (const key of keys) this.#checkKey(key);
  }

  updates(origin: ReplicaId, first: number, last: number): Update[] {
    const updates = this.disk?.history.updates.filter(
      ({ dot }) => dot.replica === origin && dot.counter >= first && dot.counter <= last,
    );
    if (updates?.length !== Math.max(0, last - first + 1)) {
      this.#settings.oracle.violations.push(
        `${this.self} ships ${origin}:${first}-${last}, which it does not have`,
      );
    }
    return updates ?? [];
  }

  #watch(disk: VirtualDisk): History {
    const { history } = disk;
    return {
      append: (update) => {
        if (update.dot.replica === this.self) this.#accepted(update);
        return history.append(update);
      },
      conflicts: (update) => history.conflicts(update),
      get start() {
        return history.start;
      },
    };
  }

  #accepted(update: Update): void {
    const observed = this.#observed.get(update.operations) ?? this.view.shown;
    this.#settings.oracle.accepted(update, observed, this.view);
  }

  /** What it shows newly, and what it has changed: an operation that is not applied touches nothing. */
  #checkShown(): void {
    const shown = this.#settings.oracle.shows(this.view, this.replica.clock);
    for (const key of new Set([...shown, ...this.#touched])) this.#checkKey(key);
    this.#touched.clear();
  }

  #checkKey(key: string): void {
    this.#settings.oracle.checkKey(this.view, key, this.keys.get(key) ?? []);
  }

  #checkDurable(effect: Effect): void {
    for (const { replica, counter } of dotsThatLeave(effect)) {
      if (this.disk !== undefined && counter <= counterOf(this.disk.durable, replica)) continue;
      this.#settings.oracle.violations.push(
        `${this.self} lets ${replica}:${counter} out before it is durable (${effect.kind})`,
      );
    }
  }
}

function dotsThatLeave(effect: Effect): Dot[] {
  if (effect.kind === 'written') return [effect.dot];
  if (effect.kind === 'ship') return [{ replica: effect.origin, counter: effect.last }];
  if (effect.kind !== 'answer') return [];
  return [...effect.answer.clock].map(([replica, counter]) => ({ replica, counter }));
}

/** Tells which keys are changed. */
class WatchedKeyspace extends TestKeyspace {
  readonly #touched: Set<string>;
  readonly #happened: Happenings;

  constructor(versions: ReadonlyMap<string, Versions>, touched: Set<string>, happened: Happenings) {
    super(versions);
    this.#touched = touched;
    this.#happened = happened;
  }

  override set(key: string, versions: Versions): void {
    super.set(key, versions);
    this.#touched.add(key);
  }

  override remove(key: string): void {
    if (this.get(key)?.[0]?.value === null) this.#happened.tombstonesCollected += 1;
    super.remove(key);
    this.#touched.add(key);
  }
}

class WatchedRequests extends TestRequests {
  readonly #happened: Happenings;

  constructor(dots: ReadonlyMap<RequestId, readonly Dot[]>, happened: Happenings) {
    super(dots);
    this.#happened = happened;
  }

  override remove(request: RequestId): void {
    super.remove(request);
    this.#happened.requestsForgotten += 1;
  }
}
