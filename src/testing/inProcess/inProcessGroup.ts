import { randomBytes } from 'node:crypto';
import { ClusterFaults } from '../../cluster/clusterFaults.js';
import type { ControlNodeJson, NodeState } from '../../cluster/controlApi.js';
import { unknownNode } from '../../cluster/faultTable.js';
import { ManagedNode } from '../../cluster/managedNode.js';
import { messageOf } from '../../errors.js';
import { parseNodeName } from '../../protocol/names.js';
import type { NodeAddress, NodeConfig } from '../../protocol/nodeMessages.js';
import type { NodeGroup } from '../nodeGroup.js';
import type { SettledOptions } from '../clusterOptions.js';
import { Door } from './door.js';
import { Gate } from './gate.js';
import { InProcessNode } from './inProcessNode.js';

/** Where a node is, whether it lives or not. */
interface Place extends NodeAddress {
  readonly door: Door;
  readonly respDoor: Door;
  readonly gate: Gate;
}

/** Nodes in this process, that keep nothing: each with a port, a life and faults of its own. */
export class InProcessGroup implements NodeGroup {
  readonly faults: ClusterFaults;
  readonly #nodes: readonly ManagedNode[];
  readonly #places: readonly Place[];
  readonly #options: SettledOptions;
  readonly #clusterId = randomBytes(8).toString('hex');
  /** Another life of one of these begins without what the one before had. */
  readonly #served = new Set<string>();

  private constructor(places: readonly Place[], options: SettledOptions) {
    this.#places = places;
    this.#options = options;
    this.#nodes = places.map((place) => this.#manage(place));
    this.faults = new ClusterFaults(this.#nodes);
  }

  /** Resolves when all nodes serve; else nothing is left. */
  static async start(options: SettledOptions): Promise<InProcessGroup> {
    const names = Array.from({ length: options.nodes }, (_, index) => `node${index + 1}`);
    // All ports are bound before any node is told of them.
    const places = await Promise.all(names.map(placeOf));
    const group = new InProcessGroup(places, options);
    try {
      await Promise.all(group.#nodes.map((node) => node.start()));
      return group;
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  get nodes(): readonly ControlNodeJson[] {
    return this.#nodes.map((node) => node.describe());
  }

  stateOf(node: string): NodeState {
    return this.#node(node).state;
  }

  kill(node: string): Promise<void> {
    return this.#node(node).kill();
  }

  restart(node: string): Promise<void> {
    return this.#node(node).restart();
  }

  pause(node: string): void {
    this.#node(node).pause();
  }

  resume(node: string): void {
    this.#node(node).resume();
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await Promise.all(this.#places.flatMap((place) => [place.door.release(), place.respDoor.release()]));
  }

  #node(name: string): ManagedNode {
    const node = this.#nodes.find((each) => each.name === name);
    if (node !== undefined) return node;
    throw unknownNode(
      name,
      this.#nodes.map((each) => each.name),
    );
  }

  #manage(place: Place): ManagedNode {
    const { name, port, respDoor } = place;
    return new ManagedNode({
      name,
      port,
      respPort: respDoor.port,
      fork: (onProgress) => this.#fork(place, onProgress),
      onChange: (node) => this.#changed(node),
    });
  }

  #fork(place: Place, onProgress: (reason: string) => void): InProcessNode {
    const { name, door, respDoor, gate } = place;
    return new InProcessNode({
      config: this.#configOf(place),
      door,
      respDoor,
      gate,
      report: (level, message, facts = {}) =>
        this.#options.report({ timeMs: Date.now(), level, node: name, message, facts }),
      onFaults: (rules) => this.faults.heard(name, rules),
      onProgress,
    });
  }

  #changed(node: ManagedNode): void {
    if (node.state !== 'running') return;
    this.#served.add(node.name);
    this.faults.catchUp(node).catch((error: unknown) => {
      const facts = { error: messageOf(error) };
      const message = `${node.name} did not take its faults`;
      this.#options.report({ timeMs: Date.now(), level: 'error', node: node.name, message, facts });
    });
  }

  #configOf({ name: self, respDoor }: Place): NodeConfig {
    const { delivery, limits } = this.#options;
    return {
      clusterId: this.#clusterId,
      clusterName: 'testing',
      self,
      instance: randomBytes(8).toString('hex'),
      members: this.#places.map(({ name, port }) => ({ name, port })),
      respPort: respDoor.port,
      founders: this.#places.map(({ name }) => name),
      dataDir: null,
      hasServed: this.#served.has(self),
      delivery,
      limits,
      faults: this.faults.startRules(self),
    };
  }
}

async function placeOf(name: string): Promise<Place> {
  const gate = new Gate();
  const [door, respDoor] = await Promise.all([Door.bind(gate, 'http'), Door.bind(gate, 'resp')]);
  return { name: parseNodeName(name), port: door.port, door, respDoor, gate };
}
