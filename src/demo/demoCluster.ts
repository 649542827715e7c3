import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeClient } from '../client/nodeClient.js';
import { entryPoint } from '../cluster/entryPoint.js';
import { loadForkNode } from '../cluster/forkedNode.js';
import { anyFreePorts, retryingPorts } from '../cluster/ports.js';
import { Supervisor } from '../cluster/supervisor.js';
import { SupervisorLog } from '../cluster/supervisorLog.js';
import type { DeliveryMode } from '../core/delivery.js';
import { parseNodeName } from '../protocol/names.js';

/** Three ephemeral nodes of the demo's own, supervised by this process, unknown to `kvc ls`. */
export class DemoCluster {
  readonly delivery: DeliveryMode;
  readonly supervisor: Supervisor;
  readonly nodes: readonly NodeClient[];
  readonly #log: SupervisorLog;
  readonly #removeDir: () => void;

  private constructor(supervisor: Supervisor, log: SupervisorLog, removeDir: () => void) {
    const { nodes, delivery } = supervisor.status();
    this.delivery = delivery;
    this.supervisor = supervisor;
    this.nodes = nodes.map((node) => new NodeClient(node));
    this.#log = log;
    this.#removeDir = removeDir;
  }

  /** Resolves when all nodes serve. @throws KvcError KVC_E_START_FAILED, after cleaning up */
  static async start(delivery: DeliveryMode): Promise<DemoCluster> {
    return retryingPorts(() => DemoCluster.#startOnce(delivery));
  }

  static async #startOnce(delivery: DeliveryMode): Promise<DemoCluster> {
    const dir = mkdtempSync(join(tmpdir(), 'kvc-demo-'));
    const removeDir = (): void => rmSync(dir, { recursive: true, force: true });
    // However this process ends, short of kill -9, nothing of the demo stays.
    process.once('exit', removeDir);
    const log = new SupervisorLog(dir);
    const options = {
      dir,
      file: await newClusterFile(delivery),
      instance: randomBytes(8).toString('hex'),
      nodeEntry: entryPoint('../node/main'),
    };
    const supervisor = new Supervisor(options, { forkNode: await loadForkNode(), log });
    const cluster = new DemoCluster(supervisor, log, removeDir);
    try {
      await supervisor.start();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Ends the nodes and removes every trace. Nothing in them is worth a clean shutdown. */
  async close(): Promise<void> {
    await this.supervisor.kill();
    this.#log.close();
    this.#removeDir();
    process.removeListener('exit', this.#removeDir);
  }
}

async function newClusterFile(delivery: DeliveryMode) {
  const ports = await anyFreePorts(3);
  const nodes = ports.map((port, index) => ({
    name: parseNodeName(`node${index + 1}`),
    port,
    hasServed: false,
  }));
  return {
    id: randomBytes(8).toString('hex'),
    name: 'demo',
    delivery,
    durability: 'ephemeral' as const,
    founders: nodes.map(({ name }) => name),
    nodes,
    formerNodes: [],
    limits: {},
    supervisor: null,
  };
}
