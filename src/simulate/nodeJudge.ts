import { formatDot, type Dot } from '../core/clock/dot.js';
import {
  containsDot,
  counterOf,
  covers,
  firstMissing,
  withDot,
  type VersionVector,
} from '../core/clock/versionVector.js';
import { firstReplicaId, type NodeName, type ReplicaId } from '../core/ids.js';
import type { Replica } from '../core/replica.js';
import type { Update } from '../core/update.js';
import { isTombstone, type Versions } from '../core/versions.js';
import type { RunningNode } from '../driver/runningNode.js';
import type { UpdateLog } from '../storage/updateLog.js';
import type { View } from './causalOracle.js';
import { isMergingKey } from './drawMerging.js';
import { holders } from './holders.js';
import { ReplicaDisk } from './replicaDisk.js';
import { WatchedLog, type LogWatcher } from './watchedLog.js';
import type { World } from './world.js';

/**
 * Watches one node from outside: what its log is given and has promised, what it shows after each step, what leaves it. It
 * tells the oracle, and judges what every driver relies on: that nothing leaves a node before it is durable there, and that
 * what was promised is there after a crash.
 */
export class NodeJudge {
  readonly #world: World;
  readonly #name: NodeName;
  readonly #running: () => RunningNode | undefined;
  /** What its present life has opened. */
  #opened: ReplicaDisk | undefined;
  #disk: ReplicaDisk | undefined;
  #replica: Replica | undefined;
  #view: View;
  /** How many request ids it remembered. */
  #requests = 0;
  /** What each key held when it was last looked at. */
  readonly #held = new Map<string, Versions | undefined>();

  /** @param running - the node, while it serves */
  constructor(world: World, name: NodeName, running: () => RunningNode | undefined) {
    this.#world = world;
    this.#name = name;
    this.#running = running;
    this.#view = { name, shown: new Map() };
  }

  /** What the replica keeps that serves, or served last; undefined if that is lost, or none has served yet. */
  get disk(): ReplicaDisk | undefined {
    return this.#disk;
  }

  /** The replica that it is, or asks to become. */
  get self(): ReplicaId | undefined {
    return (this.#opened ?? this.#disk)?.self;
  }

  /** What it shows to clients now. */
  get view(): View {
    this.#look();
    return this.#view;
  }

  /** Its process has ended: the next one may show less, for what is received is visible before it is durable. */
  lifeEnded(): void {
    this.#replica = undefined;
    this.#view = { name: this.#name, shown: new Map() };
    this.#opened = undefined;
  }

  diskLost(): void {
    this.#disk = undefined;
    this.#opened = undefined;
  }

  /**
   * The node has opened the log of a replica.
   * @param isAlive - whether the process still runs that has: what is left of one that has ended is of no account
   */
  opens(log: UpdateLog, self: ReplicaId, isAlive: () => boolean): UpdateLog {
    if (!isAlive()) return log;
    const { oracle, happened } = this.#world;
    const known = this.#disk?.self === self ? this.#disk : undefined;
    const missing = known && firstMissing(log.clock, known.durable);
    if (missing) oracle.violations.push(`${self} has flushed ${formatDot(missing)}, and it is gone`);
    const lost = oracle.lostBeyond({ replica: self, counter: counterOf(log.clock, self) });
    for (const { dot, memberChanges } of lost) this.#forgetAdmissions(dot, memberChanges);
    happened['unflushed write lost'] += lost.length;
    if (known === undefined) this.#becomes(self);
    const disk = new ReplicaDisk(self, log.clock);
    disk.isDamaged = known?.isDamaged ?? false;
    this.#opened = disk;
    if (known !== undefined) this.#disk = disk;
    return new WatchedLog(log, this.#watcherOf(disk), isAlive);
  }

  /** After each step of the replica a client may look. */
  stepped(): void {
    const running = this.#look();
    if (running === undefined) return;
    const { oracle, happened } = this.#world;
    if (running.replica.pending.size > 0) happened['pending update'] += 1;
    this.#countRequests(running.keys.requests.size);
    this.#noteShown(running.replica.clock);
    const shown = oracle.shows(this.#view, running.replica.clock);
    for (const key of oracle.keys()) {
      const versions = running.keys.get(key);
      if (shown.has(key) || versions !== this.#held.get(key)) this.#checkKey(key, versions);
    }
  }

  /** A client is given this vector or dot, or a peer is. */
  leaves(vector: VersionVector, by: string): void {
    const missing = firstMissing((this.#opened ?? this.#disk)?.durable ?? new Map(), vector);
    if (missing === undefined) return;
    this.#world.oracle.violations.push(
      `${String(this.self)} lets ${formatDot(missing)} out before it is durable (${by})`,
    );
  }

  /** Every key that was ever written, and every one that it holds. */
  checkAllKeys(): void {
    const running = this.#look();
    if (running === undefined) return;
    const held = running.keys.scan({ prefix: '', limit: keysMax }).map(({ key }) => key);
    for (const key of new Set([...this.#world.oracle.keys(), ...held])) {
      this.#checkKey(key, running.keys.get(key));
    }
  }

  /** Another replica than before: what that kept is given up. */
  #becomes(self: ReplicaId): void {
    const { happened, survival, oracle } = this.#world;
    if (self !== firstReplicaId(this.#name)) happened.incarnation += 1;
    if (this.#disk === undefined) return;
    if (!this.#disk.isDamaged)
      oracle.violations.push(`${this.#disk.self} is given up, and its disk is whole`);
    const others = holders(this.#world, this.#disk);
    happened['write lost with its disk'] += survival.lose(this.#disk, others);
    this.#disk = undefined;
  }

  #watcherOf(disk: ReplicaDisk): LogWatcher {
    const { happened, admittedBy } = this.#world;
    return {
      accepts: (update) => {
        if (update.dot.replica === disk.self) this.#accepted(update);
      },
      appended: (sequence, { dot, memberChanges }) => {
        disk.appended(sequence, dot);
        for (const change of memberChanges ?? []) {
          if (change.kind !== 'join') continue;
          admittedBy.set(change.replica, [...(admittedBy.get(change.replica) ?? []), dot]);
        }
      },
      flushed: (sequence) => disk.flushed(sequence),
      isDurable: (clock) => disk.raise(clock),
      jumps: (to) => {
        happened['snapshot taken'] += 1;
        if (counterOf(disk.durable, disk.self) > counterOf(to, disk.self)) happened['snapshot merged'] += 1;
      },
      truncated: (bytes) => {
        if (bytes > 0) happened['log truncated'] += 1;
      },
    };
  }

  #noteShown(clock: VersionVector): void {
    for (const [replica, counter] of clock) {
      if (counter > counterOf(this.#view.shown, replica))
        this.#world.note(this.#name, 'shows', `${replica}:${counter}`);
    }
  }

  #accepted(update: Update): void {
    this.#look();
    this.#world.note(this.#name, 'accepts', formatDot(update.dot));
    const context = this.#world.observed.get(update.operations);
    const observed = context === undefined ? this.#view.shown : this.#withSettled(context, update);
    this.#world.oracle.accepted(update, observed, this.#view, this.#replica?.clock ?? this.#view.shown);
    this.#judgeExpiries(update);
    this.#judgeCreation(update);
  }

  /** No value expires before its time, by the clock of the node that says so. */
  #judgeExpiries({ dot, operations }: Update): void {
    const { oracle, happened } = this.#world;
    for (const operation of operations) {
      if (operation.kind !== 'expire') continue;
      const target = oracle.get(operation.dot)?.update.operations.find(({ key }) => key === operation.key);
      const atMs = target?.kind === 'put' ? (target.expiresMs ?? Infinity) : Infinity;
      if ((this.#running()?.driver.nowMs() ?? Infinity) < atMs)
        oracle.violations.push(`${formatDot(dot)} lets ${formatDot(operation.dot)} expire before its time`);
      const isOrigin = operation.dot.replica === dot.replica;
      happened[isOrigin ? 'value expired by its origin' : 'value expired by another node'] += 1;
    }
  }

  /** Nothing is created where something is, be it on its way to the disk; what the node does not have is another matter. */
  #judgeCreation(update: Update): void {
    const { oracle, happened, creations } = this.#world;
    if (!creations.has(update.operations)) return;
    const { replica, counter } = update.dot;
    const atHand = new Map(this.#replica?.clock).set(replica, counter - 1);
    for (const { key } of update.operations) {
      if (oracle.hasValue(key, atHand))
        oracle.violations.push(`${formatDot(update.dot)} creates ${key}, which there is already`);
      const others = oracle.writesAt(key).filter((each) => creations.has(each.update.operations));
      if (others.some((each) => !containsDot(atHand, each.update.dot) && each.update !== update))
        happened['created at two nodes'] += 1;
    }
  }

  /** Sessions are not told of replicas whose updates all members have: what those left at a key counts as seen. */
  #withSettled(context: VersionVector, { operations }: Update): VersionVector {
    let seen = context;
    for (const { key } of operations) {
      for (const { dot } of this.#running()?.keys.get(key) ?? [])
        if (this.#replica?.membership.isSettled(dot.replica) === true) seen = withDot(seen, dot);
    }
    return seen;
  }

  #forgetAdmissions(dot: Dot, changes: Update['memberChanges']): void {
    const { admittedBy } = this.#world;
    for (const { replica } of changes ?? []) {
      const left = admittedBy.get(replica)?.filter((each) => formatDot(each) !== formatDot(dot)) ?? [];
      if (left.length > 0) admittedBy.set(replica, left);
      else admittedBy.delete(replica);
    }
  }

  /** Notices that another replica serves, or the same one built anew. */
  #look(): RunningNode | undefined {
    const running = this.#running();
    if (running === undefined || running.replica === this.#replica) return running;
    const { oracle } = this.#world;
    const before = this.#replica === undefined ? undefined : this.#view;
    this.#replica = running.replica;
    this.#disk = this.#opened;
    this.#view = { name: running.replica.self, shown: new Map() };
    this.#held.clear();
    this.#requests = 0;
    oracle.shows(this.#view, running.replica.clock);
    if (before !== undefined && !covers(this.#view.shown, before.shown)) {
      oracle.violations.push(`${before.name} shows less since it took a snapshot`);
    }
    this.checkAllKeys();
    return running;
  }

  #countRequests(size: number): void {
    if (size < this.#requests) this.#world.happened['request id forgotten'] += this.#requests - size;
    this.#requests = size;
  }

  #noteMerged(key: string, versions: Versions): void {
    const { happened } = this.#world;
    if (!isMergingKey(key)) return;
    if (versions.filter(({ kind }) => kind === 'counter').length > 1) happened['counter merged'] += 1;
  }

  #checkKey(key: string, versions: Versions | undefined): void {
    const { oracle, happened } = this.#world;
    const before = this.#held.get(key);
    if (versions === undefined && before?.[0] !== undefined && isTombstone(before[0]))
      happened['tombstone collected'] += 1;
    if ((versions?.length ?? 0) > 1) happened.sibling += 1;
    this.#noteMerged(key, versions ?? []);
    this.#held.set(key, versions);
    oracle.checkKey(this.#view, key, versions ?? []);
  }
}

/** More than a run has. */
const keysMax = 1000;
