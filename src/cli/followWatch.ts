import { setTimeout as pause } from 'node:timers/promises';
import { NodeWatch, type WatchedEvent } from '../client/watchNode.js';
import type { ControlNodeJson, ControlStatusJson } from '../cluster/controlApi.js';
import { openCluster, type ClusterHandle } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';
import { chooseNode } from './chooseNode.js';

/** A node that is coming back is waited for so long before another one is asked. */
const restartMsMax = 3000;
const pauseMs = 200;
const pauseMsMax = 5000;

export interface WatchQuery {
  readonly cluster: string;
  /** As the user names it. Default: the first that runs. */
  readonly node: string | undefined;
  readonly prefix: string;
  readonly from: string | undefined;
}

export interface WatchListener {
  /** The next event is asked for when this is done. */
  onEvent(event: WatchedEvent, node: string): Promise<void>;
  /** A watch broke off; it goes on at `node`. */
  onMove(reason: KvcError, node: string): void;
  /** It will go on when a node runs. */
  onWait(reason: KvcError): void;
}

/** One watch of a cluster that outlives its nodes: where one breaks off, it goes on there or at another one. */
export class ClusterWatch {
  readonly #query: WatchQuery;
  readonly #listener: WatchListener;
  /** Per node, watches that failed since the last event. */
  readonly #failures = new Map<string, number>();
  #watch: NodeWatch | undefined;
  #cursor: string | undefined;

  constructor(query: WatchQuery, listener: WatchListener) {
    this.#query = query;
    this.#listener = listener;
    this.#cursor = query.from;
  }

  /** Behind what another watch would go on. */
  get cursor(): string | undefined {
    return this.#watch?.cursor ?? this.#cursor;
  }

  /** @throws KvcError what another node would not better, or KVC_E_CLUSTER_NOT_RUNNING */
  async follow(): Promise<never> {
    const cluster = await openCluster(this.#query.cluster);
    const name = this.#query.node === undefined ? undefined : cluster.resolveNode(this.#query.node).name;
    let node = chooseNode(cluster.status, name);
    for (;;) {
      const reason = await this.#watchNode(node);
      node = await this.#next(cluster, node.name, reason);
      this.#listener.onMove(reason, node.name);
    }
  }

  /** @returns why it broke off */
  async #watchNode(node: ControlNodeJson): Promise<KvcError> {
    const watch = new NodeWatch(node, { prefix: this.#query.prefix, from: this.#cursor });
    this.#watch = watch;
    try {
      for await (const event of watch.events()) {
        this.#failures.clear();
        await this.#listener.onEvent(event, node.name);
      }
    } catch (error) {
      if (!(error instanceof KvcError) || !error.kind.retryable) throw error;
      this.#failures.set(node.name, (this.#failures.get(node.name) ?? 0) + 1);
      return error;
    } finally {
      this.#cursor = watch.cursor;
    }
    throw new KvcError('KVC_E_INTERNAL', 'a watch ended that nobody ended');
  }

  async #next(cluster: ClusterHandle, former: string, reason: KvcError): Promise<ControlNodeJson> {
    const sinceMs = performance.now();
    let hasTold = false;
    for (let attempt = this.#attempts(); ; attempt += 1) {
      await pause(Math.min(pauseMs * 2 ** (attempt - 1), pauseMsMax));
      const status = await this.#status(cluster);
      const node = this.#choose(status, former, performance.now() - sinceMs < restartMsMax);
      if (node !== undefined) return node;
      const isAnyUp = status.nodes.some(({ state }) => state === 'running');
      if (!isAnyUp && !hasTold) this.#listener.onWait(reason);
      hasTold ||= !isAnyUp;
    }
  }

  #attempts(): number {
    return Math.max(1, ...this.#failures.values());
  }

  /** The same node, if it is there or will soon be and does not fail again; else one that has failed least. */
  #choose({ nodes }: ControlStatusJson, former: string, mayWait: boolean): ControlNodeJson | undefined {
    const failuresOf = ({ name }: ControlNodeJson): number => this.#failures.get(name) ?? 0;
    const same = nodes.find(({ name }) => name === former);
    if (same !== undefined && failuresOf(same) < 2) {
      if (same.state === 'running') return same;
      if (mayWait && (same.state === 'starting' || same.state === 'restarting')) return undefined;
    }
    const running = nodes.filter(({ state }) => state === 'running');
    return running.sort((left, right) => failuresOf(left) - failuresOf(right))[0];
  }

  /** Of the cluster as it is now: it may have been stopped, and started again by another supervisor. */
  async #status(cluster: ClusterHandle): Promise<ControlStatusJson> {
    try {
      return await cluster.control.status();
    } catch {
      return (await openCluster(this.#query.cluster)).control.status();
    }
  }
}
