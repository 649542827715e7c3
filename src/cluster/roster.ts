import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeName } from '../core/ids.js';
import type { FaultRuleJson } from '../protocol/faultsApi.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { writeClusterFile, type ClusterFile, type ClusterFileNode } from './clusterFile.js';
import { withNode, withoutNode, withServed } from './clusterNodes.js';
import type { EntryPoint } from './entryPoint.js';
import { unknownNode } from './faultTable.js';
import type { ForkedNode, ForkNode } from './forkedNode.js';
import { forgetProcess, recordProcess } from './leftovers.js';
import { logPath } from './logFile.js';
import { ManagedNode } from './managedNode.js';
import { respPortOf } from './nodePorts.js';
import type { SupervisorLog } from './supervisorLog.js';

export interface RosterOptions {
  /** The cluster's directory, locked by this process. */
  readonly dir: string;
  readonly file: ClusterFile;
  readonly nodeEntry: EntryPoint;
}

export interface RosterParts {
  readonly forkNode: ForkNode;
  readonly log: SupervisorLog;
  /** With what faults a node is to be started. */
  readonly startRules: (node: string) => readonly FaultRuleJson[];
  readonly onFaults: (node: string, rules: readonly FaultRuleJson[]) => void;
  readonly onRunning: (node: ManagedNode) => void;
}

/** Which nodes a running cluster has: the file that lists them, and the process of each. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #parts: RosterParts;
  /** Added under a name that is new, and not ready yet: these begin a history, whatever the file says already. */
  readonly #beginners = new Set<NodeName>();
  #nodes: readonly ManagedNode[];
  #file: ClusterFile;

  constructor(options: RosterOptions, parts: RosterParts) {
    this.#options = options;
    this.#parts = parts;
    this.#file = options.file;
    this.#nodes = options.file.nodes.map((node) => this.#manage(node));
  }

  get file(): ClusterFile {
    return this.#file;
  }

  get nodes(): readonly ManagedNode[] {
    return this.#nodes;
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN */
  node(name: string): ManagedNode {
    const node = this.#nodes.find((candidate) => candidate.name === name);
    if (node !== undefined) return node;
    throw unknownNode(
      name,
      this.#nodes.map((known) => known.name),
    );
  }

  write(file: ClusterFile): void {
    this.#file = file;
    writeClusterFile(this.#options.dir, file);
  }

  /**
   * Lists a node, whose process is to be started by the caller. The file says from now on that it has served: once it
   * does, a supervisor that dies at that moment must not leave behind that it never did. What a node of that name had
   * before is deleted.
   */
  add(name: NodeName, port: number): ManagedNode {
    const isBeginner = !this.#file.formerNodes.includes(name);
    this.#deleteFiles(name);
    const node = { name, port, hasServed: true };
    this.write(withNode(this.#file, node));
    if (isBeginner) this.#beginners.add(name);
    const managed = this.#manage(node);
    this.#nodes = [...this.#nodes, managed];
    return managed;
  }

  /** Takes a node off the list, ends its process if it has one, and deletes its data. */
  async remove(node: ManagedNode, wasUsed: boolean): Promise<void> {
    const { name } = node;
    this.#beginners.delete(name);
    this.#nodes = this.#nodes.filter((other) => other !== node);
    this.write(withoutNode(this.#file, name, wasUsed));
    await node.stop();
    this.#deleteFiles(name);
  }

  #manage({ name, port }: ClusterFileNode): ManagedNode {
    return new ManagedNode({
      name,
      port,
      respPort: respPortOf(port),
      fork: (onProgress) => this.#fork(this.#configOf(name, port), onProgress),
      onChange: (node, what) => this.#changed(node, what),
    });
  }

  #fork(config: NodeConfig, onProgress: (reason: string) => void): ForkedNode {
    const { self: name } = config;
    if (config.dataDir === null && config.hasServed) this.#tellOfLoss(name);
    const forked = this.#parts.forkNode({
      entry: this.#options.nodeEntry,
      config,
      logPath: logPath(this.#options.dir, name),
      onFaults: (rules) => this.#parts.onFaults(name, rules),
      onProgress,
    });
    const { pid } = forked;
    if (pid !== undefined) recordProcess(this.#options.dir, name, { pid, instance: config.instance });
    return forked;
  }

  #configOf(name: NodeName, port: number): NodeConfig {
    const { id, name: clusterName, delivery, durability, founders, limits, nodes } = this.#file;
    const hasServed = nodes.some((node) => node.name === name && node.hasServed);
    return {
      clusterId: id,
      clusterName,
      self: name,
      instance: randomBytes(8).toString('hex'),
      members: nodes.map((node) => ({ name: node.name, port: node.port })),
      respPort: respPortOf(port),
      founders,
      dataDir: durability === 'durable' ? this.#dataDir(name) : null,
      hasServed: hasServed && !this.#beginners.has(name),
      delivery,
      limits,
      faults: this.#parts.startRules(name),
    };
  }

  #tellOfLoss(name: NodeName): void {
    const detail =
      this.#file.nodes.length > 1
        ? 'it gets what the other nodes have'
        : 'no other node has it, so all that was written is lost';
    this.#parts.log.write('warn', `${name} starts without its data, which was in memory`, { detail });
  }

  #changed(node: ManagedNode, what: string): void {
    const { name, state, detail } = node.describe();
    const level = state === 'failed' ? 'error' : state === 'restarting' ? 'warn' : 'info';
    this.#parts.log.write(level, `${name} ${what}`, detail === null ? {} : { detail });
    if (state !== 'running') return;
    this.#beginners.delete(node.name);
    // Not written yet: until all nodes of a new cluster serve, it has not begun.
    this.#file = withServed(this.#file, node.name);
    this.#parts.onRunning(node);
  }

  #deleteFiles(name: NodeName): void {
    rmSync(this.#dataDir(name), { recursive: true, force: true });
    forgetProcess(this.#options.dir, name);
  }

  #dataDir(name: NodeName): string {
    return join(this.#options.dir, 'data', name);
  }
}
