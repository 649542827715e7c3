import { containsDot, covers } from '../core/clock/versionVector.js';
import type { ErrorCode, KvcError } from '../errors.js';
import { inMotion } from './convergence.js';
import { nodesMax } from './drawSchedule.js';
import { holders } from './holders.js';
import type { ReplicaDisk } from './replicaDisk.js';
import type { SimulatedNode } from './simulatedNode.js';
import type { Cluster } from './cluster.js';

const roundMs = 200;

/** How long it waits for an answer of a node that is to change the members. */
const changeMsMax = 20_000;

const spreadingMsMax = 20_000;

/** A node that was to be removed, or to leave, is stopped after so long. */
const goingMsMax = 20_000;

/** A node that joins knows only the nodes that there were when it was started: after so long it is started again. */
const joiningMsMax = 8000;

/** The first pause before a node is started again that has ended by itself. */
const restartMs = 100;

/** What damage to a disk may lead to: the node comes back as another replica. */
const beyondRepair: readonly ErrorCode[] = ['KVC_E_LOG_CORRUPT', 'KVC_E_DATA_LOST'];

/**
 * Whoever runs the cluster, in the place of the supervisor and its user: brings nodes into it and out of it, starts them
 * again, and removes what is left of those that are gone. What is asked of it, it does only where kvc promises that this
 * loses nothing but what was on the disk that goes.
 */
export class Operator {
  readonly #world: Cluster;
  readonly #addNode: () => SimulatedNode;
  readonly #leftAtMs = new Map<SimulatedNode, number>();
  /** Nodes that have been asked to leave, or to remove another, and have not answered yet. */
  readonly #asked = new Set<SimulatedNode>();

  constructor(world: Cluster, addNode: () => SimulatedNode) {
    this.#world = world;
    this.#addNode = addNode;
    this.#repeat();
  }

  join(): void {
    const { nodes, happened } = this.#world;
    // A node joins where one runs that could admit it.
    if (nodes.length >= nodesMax || !nodes.some(({ isStaying }) => isStaying)) return;
    happened['node joined'] += 1;
    this.#addNode().start();
  }

  /** A node's disk is lost. It comes back without it. */
  loseDisk(node: SimulatedNode, downMs: number): void {
    if (!this.#mayLose(node, node.isUp)) return;
    this.#world.happened['disk lost'] += 1;
    this.#lose(node);
    node.wipe();
    this.#startAfter(node, downMs);
  }

  /** Part of its log, or its key store, is not what was written. It may not come back as what it was. */
  damage(node: SimulatedNode, kind: 'log damaged' | 'store damaged', path: string, downMs: number): void {
    if (!this.#mayLose(node, node.isUp) || !(kind === 'log damaged' || this.#canRebuildStore(node))) return;
    node.kill();
    if (node.machine.disk.flipByte(path)) {
      this.#world.happened[kind] += 1;
      this.#lose(node);
      if (node.judge.disk !== undefined) node.judge.disk.isDamaged = true;
    }
    this.#startAfter(node, downMs);
  }

  leave(node: SimulatedNode): void {
    if (!this.#mayLose(node, node.isUp)) return;
    node.fate = 'leaves';
    // One of whom all have heard, but who has heard of nobody that is left, waits for an answer in vain.
    this.#world.timeline.after(goingMsMax, () => {
      if (node.fate === 'leaves' && node.isUp && this.#isForgotten(node)) this.#hasLeft(node);
    });
  }

  /**
   * A node is to be removed by force, whether it runs or not.
   * @param isRunning - it goes on until it hears of it, as where it cannot be reached to be stopped
   */
  remove(node: SimulatedNode, isRunning: boolean): void {
    if (!this.#mayLose(node, true)) return;
    node.fate = 'condemned';
    this.#lose(node);
    this.#world.happened['node removed'] += 1;
    if (!isRunning || !node.isUp) this.#end(node);
    this.#removeFrom(node);
    // One that knows nobody who is left never hears that it was removed.
    this.#world.timeline.after(goingMsMax, () => {
      if (node.fate === 'condemned') this.#end(node);
    });
  }

  /** The process of a node has ended by itself. */
  ended(node: SimulatedNode, error: KvcError): void {
    const { oracle } = this.#world;
    if (error.code === 'KVC_E_REMOVED' && node.fate === 'leaves') return this.#hasLeft(node);
    if (error.code === 'KVC_E_REMOVED' && node.fate === 'condemned') return this.#end(node);
    const isDamaged = node.judge.disk?.isDamaged === true;
    if (!isDamaged || !beyondRepair.includes(error.code)) {
      oracle.violations.push(`${node.name} ended without a reason: ${error.code} ${error.message}`);
    }
    if (error.code !== 'KVC_E_REMOVED') this.#startAfter(node, restartMs);
  }

  /** Whether whoever is left has what the node's log no longer holds: else it would wait for ever for what only it had. */
  #canRebuildStore(node: SimulatedNode): boolean {
    const start = node.running?.log.start;
    const others = holders(this.#world, node.judge.disk);
    return start !== undefined && others.every(({ durable }) => covers(durable, start));
  }

  /**
   * Whether a node may go, with its disk: somebody else has one, most nodes are not on the way into the cluster or out of it,
   * for then nothing of what it was may be left, and those that are left know each other.
   */
  #mayLose(node: SimulatedNode, isReady: boolean): boolean {
    const { nodes } = this.#world;
    const { disk } = node.judge;
    // What is damaged twice may wait for ever for what only it had.
    if (node.fate !== 'stays' || disk === undefined || disk.isDamaged || !isReady) return false;
    const staying = nodes.filter(({ fate }) => fate === 'stays');
    if (inMotion(this.#world).length * 2 >= staying.length) return false;
    const others = staying.filter(({ judge }) => judge.disk !== undefined && !judge.disk.isDamaged);
    return others.some((other) => other !== node) && this.#isSafeWithout(node);
  }

  /**
   * The disks of the others know each other, if by way of others, with and without those that are going, too. A replica that
   * none of them knows would be a stranger to all for ever, and so would be all to one that knows none of them. One that has
   * been admitted and has no disk yet may know less than it will be asked for.
   */
  #isSafeWithout(node: SimulatedNode): boolean {
    const { nodes, admittedBy } = this.#world;
    const others = nodes.filter((each) => each !== node && each.fate !== 'gone');
    const isOnItsWay = ({ judge: { disk, self } }: SimulatedNode): boolean =>
      disk === undefined && self !== undefined && admittedBy.has(self);
    if (others.some(isOnItsWay)) return false;
    // What a damaged disk holds may turn out to be lost, or may not.
    const undamaged = others.filter(({ judge }) => judge.disk?.isDamaged !== true);
    return [others, undamaged].every(
      (left) => this.#knowEachOther(left) && this.#knowEachOther(left.filter(({ fate }) => fate === 'stays')),
    );
  }

  #knowEachOther(nodes: readonly SimulatedNode[]): boolean {
    const disks = nodes.flatMap(({ judge }) => judge.disk ?? []);
    return disks.every((from) => {
      const reached = new Set([from]);
      for (const disk of reached) for (const each of disks) if (this.#knows(disk, each)) reached.add(each);
      return reached.size === disks.length;
    });
  }

  /** Whether the disk says that a replica belongs to the cluster. */
  #knows({ durable }: ReplicaDisk, { self }: ReplicaDisk): boolean {
    const by = this.#world.admittedBy.get(self);
    return by === undefined || by.some((dot) => containsDot(durable, dot));
  }

  #repeat(): void {
    this.#world.timeline.after(roundMs, () => {
      for (const node of this.#world.nodes) this.#lookAfter(node);
      this.#repeat();
    });
  }

  #lookAfter(node: SimulatedNode): void {
    if (node.isJoining && node.upMs > joiningMsMax) return node.restart();
    if (node.fate === 'leaves') this.#tellToLeave(node);
    else if (node.fate !== 'stays' && this.#isStillMember(node) && !this.#mayBeSpreading(node))
      this.#removeFrom(node);
  }

  #tellToLeave(node: SimulatedNode): void {
    if (this.#asked.has(node) || node.serving === undefined) return;
    this.#asked.add(node);
    this.#world.timeline.after(changeMsMax, () => this.#asked.delete(node));
    node.enter((running, isAlive) => {
      running.driver.changeMembers({ kind: 'leave' }, changeMsMax).then(
        () => {
          if (isAlive() && node.fate === 'leaves') this.#hasLeft(node);
        },
        () => this.#asked.delete(node),
      );
    });
  }

  #hasLeft(node: SimulatedNode): void {
    const { happened, survival, nodes, timeline } = this.#world;
    happened['node left'] += 1;
    this.#leftAtMs.set(node, timeline.nowMs);
    const disks = nodes.flatMap((each) => (each === node ? [] : (each.judge.disk ?? [])));
    if (node.judge.disk !== undefined) {
      survival.checkHandedOver(node.judge.disk, disks);
    }
    this.#end(node);
  }

  /** Has another node say that one is gone. */
  #removeFrom(node: SimulatedNode): void {
    const { random, timeline, nodes } = this.#world;
    const serving = nodes.filter((each) => each.isStaying && each !== node);
    // One that has missed what became of all others is in no position to judge whether the node is gone.
    const knowing = serving.filter((each) =>
      serving.some((other) => other !== each && areAcquainted(each, other)),
    );
    const candidates = (serving.length > 1 ? knowing : serving).filter((each) => !this.#asked.has(each));
    if (candidates.length === 0) return;
    const by = random.fork(`remove ${node.name} ${timeline.nowMs}`).pick(candidates);
    this.#asked.add(by);
    by.enter((running) => {
      const removed = running.driver.changeMembers({ kind: 'remove', node: node.name }, removalMsMax);
      removed.catch(() => undefined).finally(() => this.#asked.delete(by));
    });
    timeline.after(removalMsMax, () => this.#asked.delete(by));
  }

  /** It has left of its own accord, which not all may have heard; to remove it by force as well would lose what it has handed over. */
  #mayBeSpreading(node: SimulatedNode): boolean {
    return this.#world.timeline.nowMs < (this.#leftAtMs.get(node) ?? -Infinity) + spreadingMsMax;
  }

  #isForgotten({ judge: { self } }: SimulatedNode): boolean {
    const staying = this.#world.nodes.filter(({ fate }) => fate === 'stays');
    return staying.every(
      ({ running }) => self !== undefined && running?.replica.membership.hasLeft(self) === true,
    );
  }

  #isStillMember(node: SimulatedNode): boolean {
    const serving = this.#world.nodes.filter(({ isStaying }) => isStaying);
    return serving.some(({ running }) => (running?.replica.membership.ofNode(node.name).length ?? 0) > 0);
  }

  /** It never comes back. */
  #end(node: SimulatedNode): void {
    this.#lose(node);
    node.wipe();
    node.fate = 'gone';
  }

  /** What only this disk has may be lost from here on. */
  #lose(node: SimulatedNode): void {
    const { happened, survival } = this.#world;
    const { disk } = node.judge;
    if (disk !== undefined)
      happened['write lost with its disk'] += survival.lose(disk, holders(this.#world, disk));
  }

  #startAfter(node: SimulatedNode, ms: number): void {
    this.#world.timeline.after(ms, () => node.start());
  }
}

const removalMsMax = 1000;

function areAcquainted(one: SimulatedNode, other: SimulatedNode): boolean {
  const knows = (from: SimulatedNode, to: SimulatedNode): boolean =>
    to.judge.self !== undefined && from.running?.replica.membership.isMember(to.judge.self) === true;
  return knows(one, other) && knows(other, one);
}
