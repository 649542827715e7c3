import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeClient } from '../../src/client/nodeClient.js';
import { requestJson, type JsonAnswer } from '../../src/client/requestJson.js';
import { parseNodeName } from '../../src/protocol/names.js';
import type { DeliveryMode } from '../../src/core/delivery.js';
import type { FaultRuleJson } from '../../src/protocol/faultsApi.js';
import type { NodeLimits } from '../../src/protocol/nodeLimits.js';
import type { LogLevel, NodeConfig } from '../../src/protocol/nodeMessages.js';
import { NodeProcess } from '../../src/node/nodeProcess.js';
import { freePorts } from './ports.js';
import { until } from './until.js';

export interface TestNodesOptions {
  /** Default 3. */
  readonly count?: number;
  /** Keeps its data on disk, so that a node can be restarted. Default false. */
  readonly durable?: boolean;
  readonly delivery?: DeliveryMode;
  readonly limits?: Partial<NodeLimits>;
  /** Whether they speak the Redis protocol, too. Default false. */
  readonly resp?: boolean;
}

export const testClusterId = 'c0ffee';

/** The nodes of one cluster, in this process, without a supervisor: real servers, disks and links. */
export class TestNodes {
  readonly nodes: readonly TestNode[];
  readonly #dir: string | null;

  private constructor(nodes: readonly TestNode[], dir: string | null) {
    this.nodes = nodes;
    this.#dir = dir;
  }

  static async start(options: TestNodesOptions = {}): Promise<TestNodes> {
    const { count = 3, durable = false, delivery = 'causal', limits = {}, resp = false } = options;
    const dir = durable ? await mkdtemp(path.join(tmpdir(), 'kvc-nodes-')) : null;
    const ports = await freePorts(2 * count);
    const members = ports
      .slice(0, count)
      .map((port, index) => ({ name: parseNodeName(`node${index + 1}`), port }));
    const nodes = members.map(
      ({ name, port }, index) =>
        new TestNode(port, {
          clusterId: testClusterId,
          clusterName: 'test',
          self: name,
          instance: `test-${name}-${port}`,
          members,
          founders: members.map((member) => member.name),
          dataDir: dir === null ? null : path.join(dir, name),
          hasServed: false,
          delivery,
          limits,
          faults: [],
          ...(resp ? { respPort: ports[count + index] ?? 0 } : {}),
        }),
    );
    const started = new TestNodes(nodes, dir);
    await Promise.all(nodes.map((node) => node.open()));
    return started;
  }

  /** `node(1)` is node1. */
  node(number: number): TestNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`there is no node${number}`);
    return node;
  }

  /** Holds every link of the cluster. */
  async holdAll(): Promise<void> {
    for (const node of this.nodes) {
      const targets = this.nodes.filter((peer) => peer !== node).map((peer) => peer.name);
      await node.addFaults(targets.map((target) => ({ kind: 'hold', target })));
    }
  }

  async healAll(): Promise<void> {
    for (const node of this.nodes) await node.call('DELETE', '/faults');
  }

  /** Awaits that all nodes have delivered the same, and that this is all that any has accepted. */
  async converged(): Promise<void> {
    await until('all clocks are equal and nothing is pending', async () => {
      const states = await Promise.all(this.nodes.map((node) => node.client.inspect()));
      const clocks = new Set(states.map(({ clock }) => JSON.stringify(clock)));
      return clocks.size === 1 && states.every((state) => state.pending_total === 0);
    });
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.nodes.map((node) => node.close()));
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true });
  }
}

export interface CallOptions {
  /** Sent as JSON, or as they are if bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One node in this process. */
export class TestNode {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  readonly client: NodeClient;
  /** What it logged as a warning or an error. */
  readonly complaints: { level: LogLevel; message: string; facts: unknown }[] = [];
  #config: NodeConfig;
  #process: NodeProcess | undefined;

  constructor(port: number, config: NodeConfig) {
    this.name = config.self;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new NodeClient(this);
    this.#config = config;
  }

  /** @returns how many updates were delivered again from the log */
  async open(): Promise<number> {
    const node = new NodeProcess(this.#config, {
      report: (level, message, facts) => {
        if (level === 'warn' || level === 'error') this.complaints.push({ level, message, facts });
      },
      onFaults: (faults: readonly FaultRuleJson[]) => (this.#config = { ...this.#config, faults }),
      onProgress: () => undefined,
      onHalt: (error) => this.complaints.push({ level: 'error', message: error.message, facts: error }),
    });
    this.#process = node;
    const recovered = await node.open();
    this.#config = { ...this.#config, hasServed: true };
    return recovered;
  }

  /** Where it speaks the Redis protocol. */
  get respPort(): number {
    return this.#config.respPort ?? 0;
  }

  async close(): Promise<void> {
    const node = this.#process;
    this.#process = undefined;
    await node?.close();
  }

  /** Any request; every status is an answer. */
  call(method: string, path: string, { body, headers }: CallOptions = {}): Promise<JsonAnswer> {
    return requestJson({
      url: `${this.url}${path}`,
      method,
      timeoutMs: 10_000,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  }

  async addFaults(faults: readonly object[]): Promise<void> {
    const { status, body } = await this.call('POST', '/faults', { body: { faults } });
    if (status !== 200) throw new Error(JSON.stringify(body));
  }
}
