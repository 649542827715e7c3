import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KvcError, messageOf } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { ClusterFaults } from './clusterFaults.js';
import {
  writeClusterFile,
  type ClusterFile,
  type ClusterFileNode,
  type SupervisorRecord,
} from './clusterFile.js';
import type { ControlStatusJson } from './controlApi.js';
import type { EntryPoint } from './entryPoint.js';
import { unknownNode } from './faultTable.js';
import type { ForkedNode, ForkNode } from './forkedNode.js';
import { recordProcess } from './leftovers.js';
import { logPath } from './logFile.js';
import { ManagedNode } from './managedNode.js';
import type { SupervisorLog } from './supervisorLog.js';

export interface SupervisorOptions {
  /** The cluster's directory, locked by this process. */
  readonly dir: string;
  readonly file: ClusterFile;
  readonly instance: string;
  readonly nodeEntry: EntryPoint;
}

export interface SupervisorParts {
  readonly forkNode: ForkNode;
  readonly log: SupervisorLog;
}

/** The nodes of one running cluster and their faults. Lives in the supervisor process. */
export class Supervisor {
  readonly faults: ClusterFaults;
  readonly #options: SupervisorOptions;
  readonly #parts: SupervisorParts;
  readonly #nodes: readonly ManagedNode[];
  readonly #startedAtMs = Date.now();
  #file: ClusterFile;

  constructor(options: SupervisorOptions, parts: SupervisorParts) {
    this.#options = options;
    this.#parts = parts;
    this.#file = options.file;
    this.#nodes = options.file.nodes.map((node) => this.#manage(node));
    this.faults = new ClusterFaults(this.#nodes);
  }

  /** From here on the cluster can be found and commanded, also while its nodes start. */
  announce(record: SupervisorRecord): void {
    this.#write({ ...this.#file, supervisor: record });
  }

  /**
   * Starts all nodes at once; resolves when all serve.
   * @throws KvcError of the first that does not start, after all have been stopped
   */
  async start(): Promise<void> {
    const starts = await Promise.allSettled(this.#nodes.map((node) => node.start()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed !== undefined) {
      await this.stop();
      throw failed.reason;
    }
    // Before anybody is told that the nodes serve: what they acknowledge must not pass for a new node's emptiness.
    this.#write({ ...this.#file, nodes: this.#file.nodes.map((node) => ({ ...node, hasServed: true })) });
  }

  /** Every node shuts down cleanly, by force where it does not. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  /** The cluster is stopped, and can be started again. */
  retire(): void {
    this.#write({ ...this.#file, supervisor: null });
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN */
  node(name: string): ManagedNode {
    const node = this.#nodes.find((candidate) => candidate.name === name);
    if (node === undefined)
      throw unknownNode(
        name,
        this.#nodes.map((known) => known.name),
      );
    return node;
  }

  status(): ControlStatusJson {
    const { id, name, delivery, durability } = this.#file;
    return {
      cluster: { id, name },
      instance: this.#options.instance,
      delivery,
      durability,
      started_at_ms: this.#startedAtMs,
      nodes: this.#nodes.map((node) => node.describe()),
      faults: this.faults.list(),
    };
  }

  #manage(node: ClusterFileNode): ManagedNode {
    return new ManagedNode({
      name: node.name,
      port: node.port,
      ephemeral: this.#file.durability === 'ephemeral',
      fork: () => this.#fork(node),
      onChange: (changed, what) => this.#changed(changed, what),
    });
  }

  #fork({ name }: ClusterFileNode): ForkedNode {
    const config = this.#configOf(name);
    const forked = this.#parts.forkNode({
      entry: this.#options.nodeEntry,
      config,
      logPath: logPath(this.#options.dir, name),
      onFaults: (rules) => this.faults.heard(name, rules),
    });
    const { pid } = forked;
    if (pid !== undefined) recordProcess(this.#options.dir, name, { pid, instance: config.instance });
    return forked;
  }

  #configOf(name: ClusterFileNode['name']): NodeConfig {
    const { id, name: clusterName, delivery, durability, nodes } = this.#file;
    return {
      clusterId: id,
      clusterName,
      self: name,
      instance: randomBytes(8).toString('hex'),
      members: nodes.map((node) => ({ name: node.name, port: node.port })),
      dataDir: durability === 'durable' ? join(this.#options.dir, 'data', name) : null,
      hasServed: nodes.find((node) => node.name === name)?.hasServed ?? false,
      delivery,
      faults: this.faults.startRules(name),
    };
  }

  #changed(node: ManagedNode, what: string): void {
    const { name, state, detail } = node.describe();
    const level = state === 'failed' ? 'error' : state === 'restarting' ? 'warn' : 'info';
    this.#parts.log.write(level, `${name} ${what}`, detail === null ? {} : { detail });
    if (state !== 'running') return;
    this.faults.catchUp(node).catch((error: unknown) => {
      this.#parts.log.write('error', `${name} did not take its faults`, { error: messageOf(error) });
    });
  }

  #write(file: ClusterFile): void {
    this.#file = file;
    writeClusterFile(this.#options.dir, file);
  }
}

/** Whether another attempt with other ports may succeed. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof KvcError && error.code === 'KVC_E_PORT_TAKEN';
}
