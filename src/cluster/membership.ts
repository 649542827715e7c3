import { NodeClient } from '../client/nodeClient.js';
import type { NodeName } from '../core/ids.js';
import { asKvcError, KvcError, messageOf } from '../errors.js';
import type { ClockJson } from '../protocol/api.js';
import type { ClusterFaults } from './clusterFaults.js';
import { nextNodeName } from './clusterNodes.js';
import type { ControlNodeJson, RemovedNodeJson, RemoveNodeJson } from './controlApi.js';
import { lossNote, removable, requireRoom } from './membershipRules.js';
import type { ManagedNode } from './managedNode.js';
import { findPort, isPortTaken, retryingPorts } from './ports.js';
import type { Roster } from './roster.js';
import { ClosableQueue } from './closableQueue.js';
import type { SupervisorLog } from './supervisorLog.js';

export interface MembershipParts {
  readonly roster: Roster;
  readonly faults: ClusterFaults;
  readonly log: SupervisorLog;
}

/** How long another node may take to remove one: it asks all the others what they have. */
const expelMsMax = 30_000;

/**
 * Nodes join, leave and restart while the cluster runs: one at a time, for each may be the one that another gets its
 * data from.
 */
export class Membership {
  readonly #roster: Roster;
  readonly #faults: ClusterFaults;
  readonly #log: SupervisorLog;
  readonly #queue = new ClosableQueue();
  /** Of each node, its restarts. */
  readonly #restarts = new Map<string, ClosableQueue>();

  constructor({ roster, faults, log }: MembershipParts) {
    this.#roster = roster;
    this.#faults = faults;
    this.#log = log;
  }

  /**
   * Adds a node; resolves when it has joined and loaded what the others have. If it does not, all is as before.
   * @param wanted - default: the first of node1, node2, ... that never was
   * @throws KvcError KVC_E_STATE_CONFLICT, KVC_E_PORT_TAKEN, and what the node fails with
   */
  add(wanted: NodeName | undefined): Promise<ControlNodeJson> {
    return this.#queue.run(async () => {
      requireRoom(this.#roster, wanted);
      const name = wanted ?? nextNodeName(this.#roster.file);
      return retryingPorts(() => this.#addOnce(name));
    });
  }

  /**
   * Removes a node with its data. Without force it hands on first what only it has.
   * @throws KvcError KVC_E_NODE_UNKNOWN, KVC_E_STATE_CONFLICT, and what the nodes answer; then it stays on the list, with
   * force without a process
   */
  async remove(name: string, { force, timeout_ms }: RemoveNodeJson): Promise<RemovedNodeJson> {
    const found = removable(this.#roster, name, force);
    // Out of turn: what stands in the queue before this may wait for that very node.
    if (force) await found.kill();
    return this.#queue.run(async () => {
      // A node that had not joined yet was taken back when it was killed.
      if (force && !this.#roster.nodes.includes(found)) return { node: name, forced: true, held: {} };
      const node = removable(this.#roster, name, force);
      const removed = force ? await this.#expel(node) : await this.#takeLeave(node, timeout_ms);
      await this.#discard(node, true);
      this.#log.write('info', `${name} is removed`);
      return removed;
    });
  }

  /**
   * Resolves when the node serves again.
   * @throws KvcError KVC_E_NODE_UNKNOWN, and what the node fails with
   */
  async restart(name: string): Promise<void> {
    this.#queue.requireOpen();
    const { state } = this.#roster.node(name);
    const restarts = this.#restarts.get(name) ?? new ClosableQueue();
    this.#restarts.set(name, restarts);
    const restart = (): Promise<void> => restarts.run(() => this.#roster.node(name).restart());
    // Out of turn: what stands in the queue before this may wait for a node that is down.
    const isUp = state === 'running' || state === 'starting';
    await (isUp ? this.#queue.run(restart) : restart());
  }

  /** The cluster is being stopped: what waits for its turn is refused, and nothing is rolled back. */
  close(): void {
    for (const queue of [this.#queue, ...this.#restarts.values()]) queue.close();
  }

  async #addOnce(name: NodeName): Promise<ControlNodeJson> {
    const ports = this.#roster.file.nodes.map((node) => node.port);
    const port = await findPort(Math.max(...ports) + 1, ports);
    this.#queue.requireOpen();
    const node = this.#roster.add(name, port);
    this.#faults.addNode(node);
    try {
      await node.start();
    } catch (error) {
      // Where the cluster is stopped meanwhile, the node is on the list and joins at the next start.
      throw this.#queue.isClosed ? error : await this.#rollBack(node, error);
    }
    return node.describe();
  }

  /** @returns what to fail with */
  async #rollBack(node: ManagedNode, error: unknown): Promise<unknown> {
    await node.kill();
    // A node that found its port taken has not talked to any other.
    const isUnheardOf = isPortTaken(error);
    try {
      if (!isUnheardOf) await this.#askToRemove(node.name);
    } catch (cause) {
      return cannotRollBack(node.name, error, cause);
    }
    await this.#discard(node, !isUnheardOf);
    return isUnheardOf ? error : asKvcError(error).with({ try: [`kvc logs ${node.name}`] });
  }

  async #takeLeave(node: ManagedNode, timeoutMs: number): Promise<RemovedNodeJson> {
    try {
      const { handed_on_to } = await new NodeClient(node).leave({ timeoutMs });
      return { node: node.name, forced: false, handed_on_to };
    } catch (error) {
      const remedies = [`kvc remove ${node.name} --timeout 5m`, lossNote(node.name)];
      throw asKvcError(error).with({ try: remedies });
    }
  }

  async #expel(node: ManagedNode): Promise<RemovedNodeJson> {
    // Once more: while this waited for its turn, a restart may have slipped in.
    await node.kill();
    try {
      return { node: node.name, forced: true, held: await this.#askToRemove(node.name) };
    } catch (error) {
      const message = `${messageOf(error)}\n${node.name} stays on the list, without a process`;
      throw asKvcError(error).with({ try: remediesOfStaying(node.name) }, message);
    }
  }

  /**
   * Has the other nodes remove one whose process is gone. Any one that runs will do.
   * @returns up to which of its writes they have them; nothing of a node that they never heard of
   */
  async #askToRemove(name: NodeName): Promise<ClockJson> {
    let failure = new KvcError('KVC_E_STATE_CONFLICT', `no other node runs that could remove ${name}`);
    for (const other of this.#roster.nodes) {
      if (other.name === name || other.state !== 'running') continue;
      try {
        return (await new NodeClient(other).removeMember(name, { requestTimeoutMs: expelMsMax })).held;
      } catch (error) {
        if (!(error instanceof KvcError)) throw error;
        if (error.code === 'KVC_E_NODE_UNKNOWN') return {};
        failure = error;
      }
    }
    throw failure;
  }

  /** @param wasUsed - whether the others may have heard of it */
  async #discard(node: ManagedNode, wasUsed: boolean): Promise<void> {
    await this.#roster.remove(node, wasUsed);
    await this.#faults.removeNode(node.name);
  }
}

/** The others may count on a node that will never come: it must stay where the user can see and remove it. */
function cannotRollBack(node: string, error: unknown, cause: unknown): KvcError {
  const message =
    `${messageOf(error)}\n${node} stays on the list, because no other node confirmed that it will not come: ` +
    messageOf(cause);
  return asKvcError(error).with({ node, try: remediesOfStaying(node) }, message);
}

function remediesOfStaying(node: string): string[] {
  return [`kvc restart ${node}`, `kvc remove ${node} --force`];
}
