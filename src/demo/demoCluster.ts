import { NodeClient } from '../client/nodeClient.js';
import type { Supervisor } from '../cluster/supervisor.js';
import { TemporaryCluster } from '../cluster/temporaryCluster.js';
import type { DeliveryMode } from '../core/delivery.js';

/** Three ephemeral nodes of the demo's own, and a client of each. */
export class DemoCluster {
  readonly delivery: DeliveryMode;
  readonly nodes: readonly NodeClient[];
  readonly #cluster: TemporaryCluster;

  private constructor(cluster: TemporaryCluster, delivery: DeliveryMode) {
    this.delivery = delivery;
    this.nodes = cluster.nodes.map((node) => new NodeClient(node));
    this.#cluster = cluster;
  }

  /** Resolves when all nodes serve. @throws KvcError KVC_E_START_FAILED, after cleaning up */
  static async start(delivery: DeliveryMode): Promise<DemoCluster> {
    const request = { name: 'demo', nodes: 3, delivery, ephemeral: true };
    return new DemoCluster(await TemporaryCluster.start({ request }), delivery);
  }

  get supervisor(): Supervisor {
    return this.#cluster.supervisor;
  }

  /** Ends the nodes and removes every trace. */
  close(): Promise<void> {
    return this.#cluster.close();
  }
}
