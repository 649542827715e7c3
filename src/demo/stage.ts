import { setTimeout as pause } from 'node:timers/promises';
import type { NodeClient } from '../client/nodeClient.js';
import { KvcError } from '../errors.js';
import type { DotJson } from '../protocol/api.js';
import type { ClusterView, NodeView } from '../view/clusterView.js';
import { formatElapsed } from '../view/formatElapsed.js';
import type { DemoCluster } from './demoCluster.js';
import { Narration } from './narration.js';
import { Observer } from './observer.js';
import type { DemoEvent } from './report.js';
import { Timeline } from './timeline.js';
import { Watch } from './watch.js';

const pollMs = 3;
const slowMsMin = 1500;
const slowMsMax = 10_000;
const patienceMsMin = 15_000;

export interface StageOptions {
  readonly cluster: DemoCluster;
  readonly startedInMs: number;
  readonly tell: (event: DemoEvent) => void;
  readonly signal: AbortSignal;
}

/** What a scenario plays on: a cluster, those who watch it, and a voice. The verbs in verbs/ act on it. */
export class Stage {
  readonly cluster: DemoCluster;
  readonly narration: Narration;
  readonly timeline = new Timeline(Date.now);
  /**
   * How long a message is to be on its way for a scenario's steps to fit in. They take milliseconds, unless the machine
   * is busy, and how busy it is shows in how long the nodes took to start.
   */
  readonly slowMs: number;
  readonly #observer: Observer;
  readonly #signal: AbortSignal;
  readonly #watches: Watch[] = [];

  constructor({ cluster, startedInMs, tell, signal }: StageOptions) {
    this.cluster = cluster;
    this.narration = new Narration(cluster.nodes, tell);
    this.slowMs = Math.min(slowMsMax, Math.max(slowMsMin, Math.ceil((startedInMs * 1.5) / 500) * 500));
    this.#observer = new Observer(cluster, this.timeline);
    this.#signal = signal;
  }

  /** Whether an update waits for all that it depends on, as it should, or for its origin's previous one only. */
  get isCausal(): boolean {
    return this.cluster.delivery === 'causal';
  }

  /** Resolves when every node has heard of every other one: from then on nothing but a fault delays an update. */
  async open(): Promise<void> {
    this.#observer.start();
    await this.until(
      'all nodes to hear of each other',
      async () => areAcquainted(await this.look()) || undefined,
    );
  }

  /** Ends all that looks at the cluster. */
  async close(): Promise<void> {
    await Promise.all([this.#observer.stop(), ...this.#watches.map((watch) => watch.stop())]);
  }

  client(node: string): NodeClient {
    const client = this.cluster.nodes.find(({ name }) => name === node);
    if (client === undefined) throw new TypeError(`the stage has no ${node}`);
    return client;
  }

  look(): Promise<ClusterView> {
    return this.#observer.look();
  }

  /** @see Watch */
  watch(look: () => Promise<string>): Watch {
    const watch = new Watch(look);
    this.#watches.push(watch);
    return watch;
  }

  /**
   * Tries until there is something.
   * @param what - completes "waiting for ..."
   * @throws KvcError KVC_E_VERDICT_UNKNOWN after 15 s, or longer on a busy machine; the signal's reason when it aborts
   */
  async until<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
    const startMs = performance.now();
    const patienceMs = Math.max(patienceMsMin, 5 * this.slowMs);
    for (;;) {
      this.#signal.throwIfAborted();
      const found = await attempt();
      if (found !== undefined) return found;
      const elapsedMs = performance.now() - startMs;
      if (elapsedMs > patienceMs) throw waitedInVain(what, patienceMs);
      this.narration.progress(`waiting for ${what}: ${formatElapsed(elapsedMs)}`);
      await pause(pollMs, undefined, { signal: this.#signal });
    }
  }

  /** Resolves when the update is delivered at the node, or waits there for another one. */
  async arrival(dot: DotJson, node: string): Promise<void> {
    await this.until(`${dot.node}:${dot.counter} to reach ${node}`, async () => {
      const { inspect } = (await this.look()).nodes.find(({ name }) => name === node) ?? {};
      const isDelivered = (inspect?.clock[dot.node] ?? 0) >= dot.counter;
      const isPending = inspect?.pending.some(
        (pending) => pending.dot.node === dot.node && pending.dot.counter === dot.counter,
      );
      return isDelivered || isPending || undefined;
    });
  }
}

/** A message that was answered has acquainted its sender and its receiver. */
function areAcquainted({ nodes }: ClusterView): boolean {
  const hasBeenAnswered = (from: NodeView, to: NodeView): boolean =>
    from.inspect?.peers.some(
      ({ node, state, error }) => node === to.name && state === 'idle' && error === null,
    ) ?? false;
  return nodes.every((one) =>
    nodes.every((other) => one === other || hasBeenAnswered(one, other) || hasBeenAnswered(other, one)),
  );
}

function waitedInVain(what: string, patienceMs: number): KvcError {
  return new KvcError(
    'KVC_E_VERDICT_UNKNOWN',
    `the scenario came to no verdict: waiting ${patienceMs / 1000} s for ${what} was in vain`,
    { try: ['the same again while the machine is less busy'] },
  );
}
