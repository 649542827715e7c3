import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterFaults } from './clusterFaults.js';
import type { ClusterFile } from './clusterFile.js';
import { withPorts } from './clusterNodes.js';
import type { ControlNodeJson, NodeState } from './controlApi.js';
import { entryPoint } from './entryPoint.js';
import { loadForkNode, type ForkedNode, type ForkOptions } from './forkedNode.js';
import { settleCluster, type ClusterRequest } from './planCluster.js';
import { portsByChance, retryingPorts } from './ports.js';
import { Supervisor } from './supervisor.js';
import { SupervisorLog } from './supervisorLog.js';

export interface TemporaryClusterOptions {
  /** The name is also part of the directory's. */
  readonly request: Omit<ClusterRequest, 'port' | 'fresh'>;
  /** Default: ports by chance, where no outgoing connection sits on one while its node is down. */
  readonly choosePorts?: (count: number) => Promise<readonly number[]>;
  /** Default: as any supervisor forks them. */
  readonly forkNode?: ForkNodeIn;
  /** Called with the new directory before a node starts; what it returns, when all nodes have ended. */
  readonly prepare?: (dir: string) => (() => void) | undefined;
}

/** @param dir - the cluster's */
export type ForkNodeIn = (options: ForkOptions, dir: string) => ForkedNode;

/**
 * Nodes supervised by this process, unknown to `kvc ls`, in a directory of their own. Where this process exits nothing of them
 * stays. Where a signal ends it that it does not handle, the directory does, and a node that stands still.
 */
export class TemporaryCluster {
  readonly dir: string;
  readonly supervisor: Supervisor;
  readonly #log: SupervisorLog;
  /** All processes that live: the supervisor does not list a node any more that is just being removed. */
  readonly #alive = new Set<ForkedNode>();
  #afterNodes: (() => void) | undefined;
  readonly #leaveNothing = (): void => {
    void this.#killProcesses();
    this.#removeDir();
  };

  private constructor(file: ClusterFile, forkNode: ForkNodeIn) {
    this.dir = mkdtempSync(join(tmpdir(), `kvc-${file.name}-`));
    process.once('exit', this.#leaveNothing);
    this.#log = new SupervisorLog(this.dir);
    const instance = randomBytes(8).toString('hex');
    this.supervisor = new Supervisor(
      { dir: this.dir, file, instance, nodeEntry: entryPoint('../node/main') },
      { forkNode: (options) => this.#track(forkNode(options, this.dir)), log: this.#log },
    );
  }

  /** Resolves when all nodes serve; else nothing is left. @throws KvcError KVC_E_START_FAILED and whatever a node says */
  static start(options: TemporaryClusterOptions): Promise<TemporaryCluster> {
    return retryingPorts(() => TemporaryCluster.#startOnce(options));
  }

  static async #startOnce(options: TemporaryClusterOptions): Promise<TemporaryCluster> {
    const { request, choosePorts = portsByChance, prepare } = options;
    const forkNode = options.forkNode ?? (await loadForkNode());
    const settled = settleCluster(request, undefined);
    const file = withPorts(settled, await choosePorts(settled.nodes.length));
    // Last: nothing that fails before this leaves a directory behind.
    const cluster = new TemporaryCluster(file, forkNode);
    try {
      cluster.#afterNodes = prepare?.(cluster.dir);
      await cluster.supervisor.start();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** All that belong to the cluster now, in the order in which they came. */
  get nodes(): readonly ControlNodeJson[] {
    return this.supervisor.status().nodes;
  }

  get faults(): ClusterFaults {
    return this.supervisor.faults;
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN; as all that is done to one node */
  stateOf(node: string): NodeState {
    return this.supervisor.node(node).state;
  }

  /** At once. The node stays down until it is restarted. */
  kill(node: string): Promise<void> {
    return this.supervisor.node(node).kill();
  }

  /** Resolves when it serves again. */
  restart(node: string): Promise<void> {
    return this.supervisor.membership.restart(node);
  }

  pause(node: string): void {
    this.supervisor.node(node).pause();
  }

  resume(node: string): void {
    this.supervisor.node(node).resume();
  }

  /** Ends the nodes and removes every trace. Nothing in them is worth a clean shutdown. */
  async close(): Promise<void> {
    await Promise.all([this.supervisor.kill(), this.#killProcesses()]);
    this.#afterNodes?.();
    this.#log.close();
    this.#removeDir();
    process.removeListener('exit', this.#leaveNothing);
  }

  #track(forked: ForkedNode): ForkedNode {
    this.#alive.add(forked);
    void forked.exited.then(() => this.#alive.delete(forked));
    return forked;
  }

  /** Signals are sent before this returns: also to a paused node, which could not notice that its supervisor is gone. */
  async #killProcesses(): Promise<void> {
    for (const forked of this.#alive) forked.signal('SIGKILL');
    await Promise.all([...this.#alive].map(({ exited }) => exited));
  }

  #removeDir(): void {
    // A node that is just being ended may still make a file, so once is not always enough.
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
