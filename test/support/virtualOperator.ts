import type { Dot } from '../../src/core/clock/dot.js';
import { containsDot } from '../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { KvcError } from '../../src/errors.js';
import type { Outcome, VirtualCluster } from './virtualCluster.js';
import type { VirtualDisk } from './virtualDisk.js';
import type { VirtualNode } from './virtualNode.js';

const roundMs = 200;

const admissionMsMax = 5000;

const spreadingMsMax = 20_000;

/** A node that was to be removed, or to leave, is stopped after so long. */
const goingMsMax = 20_000;

/**
 * What brings nodes into a cluster and out of it: it has those join that have no data, asks again where an answer is
 * missing, and removes what is left of nodes that are gone.
 */
export class VirtualOperator {
  readonly #cluster: VirtualCluster;
  /** The updates by which each replica was admitted, by whoever it asked. */
  readonly #admittedBy = new Map<ReplicaId, Dot[]>();
  readonly #leftAtMs = new Map<VirtualNode, number>();
  readonly #asksUntilMs = new Map<VirtualNode, number>();
  /** Lives of nodes in which they were told to leave. */
  readonly #toldToLeave = new Map<VirtualNode, number>();

  constructor(cluster: VirtualCluster) {
    this.#cluster = cluster;
    this.#repeat();
  }

  /**
   * Whether a node may go, with its disk: the disks of the others know each other, if by way of others, with and without those
   * that are going, too. A replica that none of them knows would be a stranger to all for ever, and so would be all to one that
   * knows none of them. One that has been admitted and has no disk yet may know less than it will be asked for.
   */
  isSafeWithout(node: VirtualNode): boolean {
    const others = this.#cluster.nodes.filter((each) => each !== node && each.fate !== 'gone');
    if (others.some(({ disk, self }) => disk === undefined && this.#admittedBy.has(self))) return false;
    const staying = others.filter(({ fate }) => fate === 'stays');
    return this.#knowEachOther(others) && this.#knowEachOther(staying);
  }

  #knowEachOther(nodes: readonly VirtualNode[]): boolean {
    const withDisk = nodes.filter(({ disk }) => disk !== undefined);
    return withDisk.every((from) => {
      const reached = new Set([from]);
      for (const { disk } of reached)
        for (const each of withDisk) if (disk !== undefined && this.#knows(disk, each)) reached.add(each);
      return reached.size === withDisk.length;
    });
  }

  /** A node's disk is lost. It comes back without it. */
  loseDisk(node: VirtualNode): void {
    this.#cluster.happened.disksLost += 1;
    this.#discard(node);
  }

  leave(node: VirtualNode): void {
    node.fate = 'leaves';
    // One of whom all have heard, but who has heard of nobody that is left, waits for an answer in vain.
    this.#cluster.timeline.after(goingMsMax, () => {
      if (node.fate === 'leaves' && node.isUp && this.#isForgotten(node)) this.#hasLeft(node);
    });
  }

  /** A node is to be removed by force, whether it runs or not. */
  condemn(node: VirtualNode): void {
    node.fate = 'condemned';
    if (node.disk !== undefined) this.#lose(node);
    // Where it is down it may have been for good.
    if (!node.isUp && this.#cluster.random.chance(0.5)) this.#end(node);
    this.#remove(node);
    // One that knows nobody who is left never hears that it was removed.
    this.#cluster.timeline.after(goingMsMax, () => {
      if (node.fate === 'condemned') this.#end(node);
    });
  }

  /** A replica must not go on. */
  halted(node: VirtualNode, error: KvcError): void {
    const { oracle, random, happened } = this.#cluster;
    if (error.code !== 'KVC_E_REMOVED') oracle.violations.push(`${node.self} halted: ${error.message}`);
    if (node.fate === 'leaves') return this.#hasLeft(node);
    if (node.fate === 'condemned') {
      happened.removed += 1;
      if (random.chance(0.5)) return this.#end(node);
      node.fate = 'stays';
    } else oracle.violations.push(`${node.self} was removed by nobody`);
    this.#discard(node);
  }

  #repeat(): void {
    this.#cluster.timeline.after(roundMs, () => {
      for (const node of this.#cluster.nodes) this.#lookAfter(node);
      this.#repeat();
    });
  }

  #lookAfter(node: VirtualNode): void {
    if (node.isJoining) this.#join(node);
    else if (node.fate === 'leaves') this.#tellToLeave(node);
    else if (node.fate !== 'stays' && this.#isStillMember(node) && !this.#mayBeSpreading(node))
      this.#remove(node);
  }

  /** Asks one member after the other to admit a node, and starts it with the state of the one that does. */
  #join(node: VirtualNode): void {
    const { nodes, network, random, timeline } = this.#cluster;
    if (timeline.nowMs < (this.#asksUntilMs.get(node) ?? 0)) return;
    const members = nodes.filter((each) => each.isUp && network.canAsk(node.name, each.name));
    if (members.length === 0) return;
    // It may have been restarted while it asked, and not know any more as what.
    if (random.chance(0.1)) node.renew();
    const by = random.pick(members);
    const deadlineMs = timeline.nowMs + admissionMsMax;
    this.#asksUntilMs.set(node, deadlineMs);
    const request = { kind: 'admit', replica: node.self, address: node.name, deadlineMs } as const;
    this.#cluster.ask(by, request, (outcome) => this.#admitted(node, request.replica, by, outcome));
  }

  #admitted(node: VirtualNode, as: ReplicaId, by: VirtualNode, outcome: Outcome): void {
    const { timeline, random, happened } = this.#cluster;
    this.#asksUntilMs.delete(node);
    if (outcome.kind === 'written')
      this.#admittedBy.set(as, [...(this.#admittedBy.get(as) ?? []), outcome.dot]);
    if (!node.isJoining || node.self !== as) return;
    if (outcome.kind !== 'written') {
      if (outcome.kind === 'failed' && outcome.error.code === 'KVC_E_REMOVED') node.renew();
      return;
    }
    const snapshot = by.snapshot();
    timeline.after(random.between(0, 100), () => {
      if (!node.isJoining || node.self !== as) return;
      happened.joined += 1;
      node.join(snapshot);
      this.#cluster.give(node, { kind: 'tick' });
    });
  }

  #tellToLeave(node: VirtualNode): void {
    if (!node.isUp || this.#toldToLeave.get(node) === node.life) return;
    this.#toldToLeave.set(node, node.life);
    this.#cluster.ask(node, { kind: 'leave', deadlineMs: Infinity }, (outcome) => {
      if (outcome.kind === 'written') this.#hasLeft(node);
    });
  }

  #hasLeft(node: VirtualNode): void {
    const { happened, survival, nodes, timeline } = this.#cluster;
    happened.left += 1;
    this.#leftAtMs.set(node, timeline.nowMs);
    node.fate = 'gone';
    const disks = nodes.flatMap((each) => (each === node ? [] : (each.disk ?? [])));
    if (node.disk !== undefined) survival.checkHandedOver(node.disk, disks);
    this.#end(node);
  }

  #remove(node: VirtualNode): void {
    const { random, timeline, nodes } = this.#cluster;
    const serving = nodes.filter((each) => each.isServing && each !== node);
    // One that has missed what became of all others is in no position to judge whether the node is gone.
    const knowing = serving.filter((each) =>
      serving.some((other) => other !== each && knowEachOther(each, other)),
    );
    const candidates = serving.length > 1 ? knowing : serving;
    if (candidates.length === 0) return;
    const deadlineMs = timeline.nowMs + 1000;
    this.#cluster.ask(
      random.pick(candidates),
      { kind: 'remove', node: node.name, deadlineMs },
      () => undefined,
    );
  }

  /** It has left of its own accord, which not all may have heard; to remove it by force as well would lose what it has handed over. */
  #mayBeSpreading(node: VirtualNode): boolean {
    return this.#cluster.timeline.nowMs < (this.#leftAtMs.get(node) ?? -Infinity) + spreadingMsMax;
  }

  #isForgotten({ self }: VirtualNode): boolean {
    return this.#cluster.staying.every(({ isUp, replica }) => isUp && replica.membership.hasLeft(self));
  }

  #isStillMember(node: VirtualNode): boolean {
    const serving = this.#cluster.nodes.filter(({ isServing }) => isServing);
    return serving.some(({ replica }) => replica.membership.ofNode(node.name).length > 0);
  }

  #end(node: VirtualNode): void {
    this.#discard(node);
    node.fate = 'gone';
  }

  #discard(node: VirtualNode): void {
    if (node.disk !== undefined) this.#lose(node);
    node.discard();
  }

  #lose(node: VirtualNode): void {
    const { happened, survival } = this.#cluster;
    if (node.disk !== undefined) happened.writesLost += survival.lose(node.disk, this.#cluster.holders(node));
  }

  /** Whether the disk says that a replica belongs to the cluster. */
  #knows({ durable }: VirtualDisk, { self }: VirtualNode): boolean {
    const by = this.#admittedBy.get(self);
    return by === undefined || by.some((dot) => containsDot(durable, dot));
  }
}

function knowEachOther(one: VirtualNode, other: VirtualNode): boolean {
  return one.replica.membership.isMember(other.self) && other.replica.membership.isMember(one.self);
}
