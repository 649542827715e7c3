import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeClient } from '../client/nodeClient.js';
import type { AddFaultJson, ClearFaultsJson, ControlNodeJson } from '../cluster/controlApi.js';
import { logPath } from '../cluster/logFile.js';
import { parseLogLines } from '../cluster/logLine.js';
import { TemporaryCluster } from '../cluster/temporaryCluster.js';
import type { DeliveryMode } from '../core/delivery.js';
import { parseNodeName } from '../protocol/names.js';
import { TrackedForks } from './trackedForks.js';

export interface TortureClusterOptions {
  readonly nodes: number;
  readonly delivery: DeliveryMode;
  /** By how much the wall clocks are wrong, in ms; that of a node which is not named is right. */
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

/** Nodes to be broken, with data on disk and clocks that are wrong. */
export class TortureCluster {
  readonly #cluster: TemporaryCluster;
  readonly #forks: TrackedForks;
  readonly #clients = new Map<string, NodeClient>();

  private constructor(cluster: TemporaryCluster, forks: TrackedForks) {
    this.#cluster = cluster;
    this.#forks = forks;
  }

  /** Resolves when all nodes serve. @throws KvcError KVC_E_START_FAILED, after cleaning up */
  static async start({ nodes, delivery, skews }: TortureClusterOptions): Promise<TortureCluster> {
    const forks = await TrackedForks.load(skewFile);
    const cluster = await TemporaryCluster.start({
      request: { name: 'torture', nodes, delivery, limits: { requestIdsMs } },
      forkNode: forks.fork,
      prepare: (dir) => {
        mkdirSync(skewFile(dir, ''));
        for (const [node, skewMs] of Object.entries(skews)) writeSkew(dir, node, skewMs);
        return undefined;
      },
    });
    return new TortureCluster(cluster, forks);
  }

  /** All that belong to the cluster now, in the order in which they came. */
  nodes(): readonly ControlNodeJson[] {
    return this.#cluster.nodes;
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
    const { name, url } = this.#cluster.supervisor.node(node);
    const known = this.#clients.get(url) ?? new NodeClient({ name, url });
    this.#clients.set(url, known);
    return known;
  }

  /** Where a node speaks the Redis protocol. @throws KvcError KVC_E_NODE_UNKNOWN */
  respPort(node: string): number {
    return this.#cluster.supervisor.node(node).respPort;
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
    return this.#cluster.kill(node);
  }

  restart(node: string): Promise<void> {
    return this.#cluster.restart(node);
  }

  pause(node: string): void {
    this.#cluster.pause(node);
  }

  resume(node: string): void {
    this.#cluster.resume(node);
  }

  async add(node: string): Promise<void> {
    this.setSkew(node, 0);
    await this.#cluster.supervisor.membership.add(parseNodeName(node));
  }

  /** Without force: what only the node has is handed on first. */
  async remove(node: string): Promise<void> {
    await this.#cluster.supervisor.membership.remove(node, { force: false, timeout_ms: leaveMsMax });
  }

  /**
   * A node may crash just as it is told; one that joins may not be known to all yet, and one that leaves not to all any
   * more: then again, but not when the phase is over.
   */
  async addFault(fault: AddFaultJson, phase: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + faultMsMax;
    for (;;) {
      try {
        await this.#cluster.faults.add(fault);
        return;
      } catch (error) {
        if (phase.aborted || performance.now() > deadlineMs) throw error;
        await sleep(faultPauseMs);
      }
    }
  }

  /** @param filter - which ones; nothing: all */
  async clearFaults(filter: ClearFaultsJson): Promise<void> {
    await this.#cluster.faults.clear(filter);
  }

  dataDir(node: string): string {
    return join(this.#cluster.dir, 'data', node);
  }

  /** How many lines of a node's log say this. */
  logged(node: string, message: string): number {
    const text = readFileSync(logPath(this.#cluster.dir, node), 'utf8');
    return parseLogLines(text, node).filter((line) => line.message.startsWith(message)).length;
  }

  /** The logs of the nodes and of the supervisor, to be kept with what they explain. */
  copyLogs(to: string): void {
    cpSync(join(this.#cluster.dir, 'logs'), to, { recursive: true });
  }

  /** Takes effect within 0.1 s in a node that runs, else at its start. */
  setSkew(node: string, skewMs: number): void {
    writeSkew(this.#cluster.dir, node, skewMs);
  }

  /** Whether the node's process has been seen to have a clock that is wrong by so much. */
  hasSkew(node: string, skewMs: number): boolean {
    try {
      return Number(readFileSync(`${skewFile(this.#cluster.dir, node)}.followed`, 'utf8')) === skewMs;
    } catch {
      return false;
    }
  }

  /** Ends the nodes and removes every trace. */
  close(): Promise<void> {
    return this.#cluster.close();
  }
}

function skewFile(dir: string, node: string): string {
  return join(dir, 'skew', node);
}

function writeSkew(dir: string, node: string, skewMs: number): void {
  writeFileSync(skewFile(dir, node), String(skewMs));
}
