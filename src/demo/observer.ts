import { setTimeout as pause } from 'node:timers/promises';
import type { NodeClient } from '../client/nodeClient.js';
import { KvcError } from '../errors.js';
import type { ClusterView, NodeView } from '../view/clusterView.js';
import type { DemoCluster } from './demoCluster.js';
import type { Timeline } from './timeline.js';

const intervalMs = 15;
const requestTimeoutMs = 1000;

/** Looks at all nodes again and again, and lets the timeline know what it sees. */
export class Observer {
  readonly #cluster: DemoCluster;
  readonly #timeline: Timeline;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(cluster: DemoCluster, timeline: Timeline) {
    this.#cluster = cluster;
    this.#timeline = timeline;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Looks a last time, so that what stands at the end has been seen. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.look();
  }

  async look(): Promise<ClusterView> {
    const { cluster, faults } = this.#cluster.supervisor.status();
    const nodes = await Promise.all(this.#cluster.nodes.map((client) => this.#lookAt(client)));
    return { cluster, nodes, faults };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.look();
      await pause(intervalMs);
    }
  }

  async #lookAt(client: NodeClient): Promise<NodeView> {
    const { name } = client;
    const { state } = this.#cluster.supervisor.node(name);
    try {
      const inspect = await client.inspect({ requestTimeoutMs });
      for (const { dot, missing, since_ms } of inspect.pending) {
        this.#timeline.waiting(name, dot, missing, since_ms);
      }
      this.#timeline.clock(name, inspect.clock);
      return { name, state, inspect, error: null };
    } catch (error) {
      // A node that was killed does not answer; that is part of what there is to see.
      if (!(error instanceof KvcError)) throw error;
      return { name, state, inspect: null, error: { code: error.code, message: error.message } };
    }
  }
}
