import type { Operation } from '../core/update.js';
import type { VersionVector } from '../core/clock/versionVector.js';
import type { Dot } from '../core/clock/dot.js';
import type { ReplicaId } from '../core/ids.js';
import { CausalOracle } from './causalOracle.js';
import { ClientHistory } from './clientHistory.js';
import { Clients } from './clients.js';
import { nothingHappened } from './happenings.js';
import { noMachineCounts } from './machine/machineCounts.js';
import { SeededRandom } from './machine/seededRandom.js';
import { Timeline } from './machine/timeline.js';
import { Trace } from './machine/trace.js';
import type { Universe } from './machine/universe.js';
import { VirtualNetwork } from './machine/virtualNetwork.js';
import { nodeNameOf } from './nodeNameOf.js';
import { Operator } from './operator.js';
import type { Action, Schedule } from './schedule.js';
import { dataDir, SimulatedNode } from './simulatedNode.js';
import { Survival } from './survival.js';
import type { Cluster } from './cluster.js';

/** Request ids begin with a time of 13 digits, which a run that begins with 1970 would not have. */
const startMs = 1_700_000_000_000;

/** A cluster with its clients and its operator, to which the steps of a schedule happen. All of it follows from the schedule. */
export class SimulatedCluster {
  readonly world: Cluster;
  readonly trace: Trace;
  readonly clients: Clients;
  readonly history: ClientHistory;
  readonly #operator: Operator;

  constructor({ seed, config }: Pick<Schedule, 'seed' | 'config'>, isTraced: boolean) {
    const timeline = new Timeline(startMs);
    const random = new SeededRandom(seed).fork('world');
    this.trace = new Trace(isTraced, startMs);
    const universe: Universe = { timeline, random, trace: this.trace, counts: noMachineCounts() };
    const oracle = new CausalOracle();
    this.world = {
      config,
      universe,
      timeline,
      random,
      network: new VirtualNetwork(config.network, universe),
      oracle,
      survival: new Survival(oracle),
      happened: nothingHappened(),
      nodes: [],
      observed: new WeakMap<readonly Operation[], VersionVector>(),
      creations: new WeakSet<readonly Operation[]>(),
      admittedBy: new Map<ReplicaId, Dot[]>(),
      founders: Array.from({ length: config.nodes }, (_, position) => nodeNameOf(position)),
      note: (machine, what, detail) => this.trace.add(timeline.nowMs, machine, what, detail),
    };
    this.history = new ClientHistory(() => timeline.nowMs - startMs);
    this.clients = new Clients(this.world, this.history);
    this.#operator = new Operator(this.world, () => this.#addNode());
    while (this.world.nodes.length < config.nodes) this.#addNode();
    for (const node of this.world.nodes) node.start();
  }

  /** @param position - of the step in its schedule */
  apply(action: Action, position: number): void {
    const { network, happened, nodes } = this.world;
    if (action.kind === 'join') return this.#operator.join();
    if (action.kind === 'heal') return this.#heal();
    if (action.kind === 'cut') {
      const cuts = action.cuts.filter(({ source }) => nodes.some(({ name }) => name === source));
      happened['link cut'] += cuts.length;
      return network.cut(cuts);
    }
    const node = nodes[action.node];
    if (node !== undefined && node.fate !== 'gone') this.#applyTo(node, action, position);
  }

  /** Links are as fast as others again, clocks are right, and whoever is paused goes on. Who is down starts in its time. */
  endFaults(): void {
    for (const node of this.world.nodes) {
      node.machine.setSkew(0);
      node.machine.crashAt(Infinity);
      node.machine.resume();
      for (const { name } of this.world.nodes) this.world.network.setLatency(node.name, name, undefined);
    }
  }

  #applyTo(node: SimulatedNode, action: NodeAction, position: number): void {
    const { network, happened } = this.world;
    switch (action.kind) {
      case 'write':
        return this.clients.write(node, position, action);
      case 'read':
        return this.clients.read(node, action);
      case 'retry':
        return this.clients.retry(node, action);
      case 'slow':
        happened['link slowed'] += 1;
        return network.setLatency(node.name, nodeNameOf(action.other), action.delayMs);
      case 'pause':
        return node.pause(action.forMs);
      case 'crash':
        return node.crash(action.effects, action.downMs);
      case 'restart':
        return node.restart();
      case 'set clock':
        happened['clock set'] += 1;
        return node.machine.setSkew(action.skewMs);
      case 'lose disk':
        return this.#operator.loseDisk(node, action.downMs);
      case 'damage log':
        return this.#damageLog(node, action);
      case 'damage store':
        return this.#damageStore(node, action.downMs);
      case 'leave':
        return this.#operator.leave(node);
      case 'remove':
        return this.#operator.remove(node, action.isRunning);
    }
  }

  #heal(): void {
    const { network, nodes } = this.world;
    network.healAll();
    for (const { name } of nodes) for (const other of nodes) network.setLatency(name, other.name, undefined);
  }

  /** The last segment is left alone: damage to the last flush cannot be told from a crash that tore it. */
  #damageLog(node: SimulatedNode, { at, downMs }: Extract<Action, { kind: 'damage log' }>): void {
    const segments = filesOf(node, 'log').slice(0, -1);
    const segment = segments[Math.floor(at * segments.length)];
    if (segment !== undefined) this.#operator.damage(node, 'log damaged', segment, downMs);
  }

  #damageStore(node: SimulatedNode, downMs: number): void {
    const [file] = filesOf(node, 'store');
    if (file !== undefined) this.#operator.damage(node, 'store damaged', file, downMs);
  }

  #addNode(): SimulatedNode {
    const { nodes } = this.world;
    const node = new SimulatedNode(this.world, nodeNameOf(nodes.length), nodes.length);
    node.onEnd = (error) => this.#operator.ended(node, error);
    nodes.push(node);
    return node;
  }
}

type NodeAction = Exclude<Action, { kind: 'join' | 'heal' | 'cut' }>;

/** In order. */
function filesOf({ judge, machine }: SimulatedNode, part: 'log' | 'store'): string[] {
  const dir = `${dataDir}/${judge.disk?.self ?? ''}/${part}/`;
  return machine.disk.files.filter((path) => path.startsWith(dir));
}
