import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterFaults } from '../../cluster/clusterFaults.js';
import type { ClusterFile } from '../../cluster/clusterFile.js';
import type { NodeState } from '../../cluster/controlApi.js';
import { entryPoint } from '../../cluster/entryPoint.js';
import { followLogs } from '../../cluster/followLogs.js';
import { loadForkNode } from '../../cluster/forkedNode.js';
import { loggedNames } from '../../cluster/logFile.js';
import { portsByChance, retryingPorts } from '../../cluster/ports.js';
import { Supervisor } from '../../cluster/supervisor.js';
import { SupervisorLog } from '../../cluster/supervisorLog.js';
import { parseNodeName } from '../../protocol/names.js';
import type { SettledOptions } from '../clusterOptions.js';
import type { NodeGroup } from '../nodeGroup.js';

/** Nodes that are processes with data on disk, supervised by this process, in a directory that goes with them. */
export class ProcessGroup implements NodeGroup {
  readonly #supervisor: Supervisor;
  readonly #log: SupervisorLog;
  readonly #dir: string;
  readonly #unfollow: () => void;
  readonly #leaveNothing = (): void => {
    // Signals are sent before this returns: also a paused node, which could not notice that its supervisor is gone.
    void this.#supervisor.kill();
    this.#removeDir();
  };

  private constructor(dir: string, supervisor: Supervisor, log: SupervisorLog, unfollow: () => void) {
    this.#dir = dir;
    this.#supervisor = supervisor;
    this.#log = log;
    this.#unfollow = unfollow;
    // However this process ends, short of kill -9, nothing stays.
    process.once('exit', this.#leaveNothing);
  }

  /** Resolves when all nodes serve; else nothing is left. */
  static start(options: SettledOptions): Promise<ProcessGroup> {
    return retryingPorts(() => ProcessGroup.#startOnce(options));
  }

  static async #startOnce(options: SettledOptions): Promise<ProcessGroup> {
    const file = await newClusterFile(options);
    const forkNode = await loadForkNode();
    // Last, and followed at once by who removes it: nothing that fails before this leaves a directory behind.
    const dir = mkdtempSync(join(tmpdir(), 'kvc-testing-'));
    const log = new SupervisorLog(dir);
    const instance = randomBytes(8).toString('hex');
    const nodeEntry = entryPoint('../node/main');
    const supervisor = new Supervisor({ dir, file, instance, nodeEntry }, { forkNode, log });
    const group = new ProcessGroup(dir, supervisor, log, follow(dir, options));
    try {
      await supervisor.start();
      return group;
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  get nodes(): NodeGroup['nodes'] {
    return this.#supervisor.status().nodes;
  }

  get faults(): ClusterFaults {
    return this.#supervisor.faults;
  }

  stateOf(node: string): NodeState {
    return this.#supervisor.node(node).state;
  }

  kill(node: string): Promise<void> {
    return this.#supervisor.node(node).kill();
  }

  restart(node: string): Promise<void> {
    return this.#supervisor.membership.restart(node);
  }

  pause(node: string): void {
    this.#supervisor.node(node).pause();
  }

  resume(node: string): void {
    this.#supervisor.node(node).resume();
  }

  /** Nothing in the nodes is worth a clean shutdown. */
  async close(): Promise<void> {
    await this.#supervisor.kill();
    this.#unfollow();
    this.#log.close();
    this.#removeDir();
    process.removeListener('exit', this.#leaveNothing);
  }

  #removeDir(): void {
    // A node that is just being ended may still make a file, so once is not always enough.
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Looking at logs takes time, so it is done for who wants them alone. */
function follow(dir: string, { report, isReported }: SettledOptions): () => void {
  if (!isReported) return () => undefined;
  return followLogs(
    dir,
    () => loggedNames(dir),
    (lines) => lines.forEach(report),
  );
}

async function newClusterFile({ nodes: count, delivery, limits }: SettledOptions): Promise<ClusterFile> {
  const ports = await portsByChance(count);
  const nodes = ports.map((port, index) => ({
    name: parseNodeName(`node${index + 1}`),
    port,
    hasServed: false,
  }));
  return {
    id: randomBytes(8).toString('hex'),
    name: 'testing',
    delivery,
    durability: 'durable',
    founders: nodes.map(({ name }) => name),
    nodes,
    formerNodes: [],
    limits,
    supervisor: null,
  };
}
