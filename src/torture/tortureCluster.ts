import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeClient } from '../client/nodeClient.js';
import type { ClusterFile } from '../cluster/clusterFile.js';
import type { AddFaultJson, ClearFaultsJson, ControlNodeJson } from '../cluster/controlApi.js';
import { entryPoint } from '../cluster/entryPoint.js';
import { logPath } from '../cluster/logFile.js';
import { parseLogLines } from '../cluster/logLine.js';
import { anyFreePorts, retryingPorts } from '../cluster/ports.js';
import { Supervisor } from '../cluster/supervisor.js';
import { SupervisorLog } from '../cluster/supervisorLog.js';
import type { DeliveryMode } from '../core/delivery.js';
import { parseNodeName } from '../protocol/names.js';
import { TrackedForks } from './trackedForks.js';

export interface TortureClusterOptions {
  readonly nodes: readonly string[];
  readonly delivery: DeliveryMode;
  /** By how much the wall clocks are wrong, in ms. */
  readonly skews: Readonly<Record<string, number>>;
}

/**
 * Request ids bear the client's time, and the clocks of these nodes are wrong by up to an hour: an id must be good for longer
 * than that, or no write could ever be sent again.
 */
const requestIdsMs = 6 * 3_600_000;

/** So long may a node that crashed, joins or leaves stand in the way of a fault. */
const faultMsMax = 4000;
const faultPauseMs = 150;

/** How long a node that leaves may take to hand on what only it has. */
const leaveMsMax = 10_000;

/**
 * Nodes to be broken: with data on disk, in a directory of their own that is gone afterwards, supervised by this
 * process, unknown to `kvc ls`.
 */
export class TortureCluster {
  readonly #dir: string;
  readonly #supervisor: Supervisor;
  readonly #forks: TrackedForks;
  readonly #log: SupervisorLog;
  readonly #clients = new Map<string, NodeClient>();
  readonly #cleanUp = (): void => {
    this.#forks.crashAll();
    this.#removeDir();
  };

  private constructor(dir: string, file: ClusterFile, forks: TrackedForks) {
    this.#dir = dir;
    this.#forks = forks;
    this.#log = new SupervisorLog(dir);
    const nodeEntry = entryPoint('../node/main');
    const instance = randomBytes(8).toString('hex');
    this.#supervisor = new Supervisor(
      { dir, file, instance, nodeEntry },
      { forkNode: forks.fork, log: this.#log },
    );
    // However this process ends, short of kill -9, nothing stays.
    process.once('exit', this.#cleanUp);
  }

  /** Resolves when all nodes serve. @throws KvcError KVC_E_START_FAILED, after cleaning up */
  static start(options: TortureClusterOptions): Promise<TortureCluster> {
    return retryingPorts(() => TortureCluster.#startOnce(options));
  }

  static async #startOnce({ nodes, delivery, skews }: TortureClusterOptions): Promise<TortureCluster> {
    const file = await newClusterFile(nodes, delivery);
    const forks = await TrackedForks.load((node) => skewFile(dir, node));
    // Last, and followed at once by who removes it: nothing that fails before this leaves a directory behind.
    const dir = mkdtempSync(join(tmpdir(), 'kvc-torture-'));
    const cluster = new TortureCluster(dir, file, forks);
    mkdirSync(join(dir, 'skew'));
    for (const node of nodes) cluster.setSkew(node, skews[node] ?? 0);
    try {
      await cluster.#supervisor.start();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** All that belong to the cluster now, in the order in which they came. */
  nodes(): readonly ControlNodeJson[] {
    return this.#supervisor.status().nodes;
  }

  nodeNames(): readonly string[] {
    return this.nodes().map(({ name }) => name);
  }

  has(node: string): boolean {
    return this.nodeNames().includes(node);
  }

  stateOf(node: string): ControlNodeJson['state'] | 'gone' {
    return this.nodes().find(({ name }) => name === node)?.state ?? 'gone';
  }

  /** @throws KvcError KVC_E_NODE_UNKNOWN */
  client(node: string): NodeClient {
    const { name, url } = this.#supervisor.node(node);
    const known = this.#clients.get(url) ?? new NodeClient({ name, url });
    this.#clients.set(url, known);
    return known;
  }

  /** Ends the process without the supervisor's knowledge, which starts it again. @returns false if there is none */
  crash(node: string): boolean {
    return this.#forks.crash(node);
  }

  /** How nodes ended that nobody had ended, for people; also those that have left since. */
  get unaskedExits(): readonly string[] {
    return this.#forks.unasked;
  }

  /** The node stays down until it is restarted. */
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

  async add(node: string): Promise<void> {
    this.setSkew(node, 0);
    await this.#supervisor.membership.add(parseNodeName(node));
  }

  /** Without force: what only the node has is handed on first. */
  async remove(node: string): Promise<void> {
    await this.#supervisor.membership.remove(node, { force: false, timeout_ms: leaveMsMax });
  }

  /**
   * A node may crash just as it is told; one that joins may not be known to all yet, and one that leaves not to all any
   * more: then again, but not when the phase is over.
   */
  async addFault(fault: AddFaultJson, phase: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + faultMsMax;
    for (;;) {
      try {
        await this.#supervisor.faults.add(fault);
        return;
      } catch (error) {
        if (phase.aborted || performance.now() > deadlineMs) throw error;
        await sleep(faultPauseMs);
      }
    }
  }

  /** @param filter - which ones; nothing: all */
  async clearFaults(filter: ClearFaultsJson): Promise<void> {
    await this.#supervisor.faults.clear(filter);
  }

  dataDir(node: string): string {
    return join(this.#dir, 'data', node);
  }

  /** How many lines of a node's log say this. */
  logged(node: string, message: string): number {
    const text = readFileSync(logPath(this.#dir, node), 'utf8');
    return parseLogLines(text, node).filter((line) => line.message.startsWith(message)).length;
  }

  /** The logs of the nodes and of the supervisor, to be kept with what they explain. */
  copyLogs(to: string): void {
    cpSync(join(this.#dir, 'logs'), to, { recursive: true });
  }

  /** Takes effect within 0.1 s in a node that runs, else at its start. */
  setSkew(node: string, skewMs: number): void {
    writeFileSync(skewFile(this.#dir, node), String(skewMs));
  }

  /** Whether the node's process has been seen to have a clock that is wrong by so much. */
  hasSkew(node: string, skewMs: number): boolean {
    try {
      return Number(readFileSync(`${skewFile(this.#dir, node)}.followed`, 'utf8')) === skewMs;
    } catch {
      return false;
    }
  }

  /** Ends the nodes and removes every trace. */
  async close(): Promise<void> {
    await this.#supervisor.kill();
    this.#log.close();
    this.#removeDir();
    process.removeListener('exit', this.#cleanUp);
  }

  #removeDir(): void {
    // A node that is just being ended may still make a file, so once is not always enough.
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

function skewFile(dir: string, node: string): string {
  return join(dir, 'skew', node);
}

async function newClusterFile(names: readonly string[], delivery: DeliveryMode): Promise<ClusterFile> {
  const ports = await anyFreePorts(names.length);
  const nodes = names.map((name, index) => ({
    name: parseNodeName(name),
    port: ports[index] ?? 0,
    hasServed: false,
  }));
  return {
    id: randomBytes(8).toString('hex'),
    name: 'torture',
    delivery,
    durability: 'durable',
    founders: nodes.map(({ name }) => name),
    nodes,
    formerNodes: [],
    limits: { requestIdsMs },
    supervisor: null,
  };
}
