import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, LinkCountsJson } from '../protocol/faultsApi.js';
import type { CountersJson, InspectResponseJson } from '../protocol/inspectApi.js';
import { nodeOf, type ReplicaId } from '../core/ids.js';
import type { NodeClient } from '../client/nodeClient.js';

/** What the nodes themselves counted. Each is at least so much: what a process counted since it was last asked died with it. */
export interface NodeCounts {
  readonly dropped: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly delayed: number;
  readonly held: number;
  readonly relayed: number;
  readonly duplicatesIgnored: number;
  readonly snapshots: number;
}

const everyMs = 400;
const askMsMax = 1000;
const actingEveryMs = 150;

/** The nodes that there are at the moment. */
interface Nodes {
  nodeNames(): readonly string[];
  client(node: string): NodeClient;
}

/** Asks the nodes from time to time what they have counted and which replicas they are, and remembers it over their deaths. */
export class NodeWitness {
  readonly #nodes: Nodes;
  /** Of each process, by its instance; and of each of its links, for the links go when a peer leaves. */
  readonly #counts = new Map<string, Partial<NodeCounts>>();
  /** The replica that each node was when it last answered. */
  readonly #replicas = new Map<string, string>();
  #largestSkewMs = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.askAll();
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async askAll(): Promise<void> {
    await Promise.allSettled(this.#nodes.nodeNames().map((node) => this.ask(node)));
  }

  /** @throws KvcError if the node does not answer */
  async ask(node: string): Promise<InspectResponseJson> {
    const client = this.#nodes.client(node);
    const deadline = { requestTimeoutMs: askMsMax };
    const state = await client.inspect(deadline);
    this.#replicas.set(node, state.replica);
    const skewMs = Math.abs(state.now_ms - Date.now());
    this.#largestSkewMs = Math.max(this.#largestSkewMs, skewMs);
    const { links } = await client.faults(deadline);
    this.#counts.set(state.instance, updateCounts(state.counters));
    for (const link of links) this.#counts.set(`${state.instance} ${link.target}`, linkCounts(link));
    return state;
  }

  /** Whether some message suffers faults of this kind on any link before `over` resolves, or had by then. */
  async sees(kind: FaultKind, over: Promise<void>): Promise<boolean> {
    const stop = new AbortController();
    void over.then(() => stop.abort());
    // Each by itself: a node that stands still must not keep the others from being looked at.
    const looking = this.#nodes.nodeNames().map((node) => this.#seesAt(node, kind, stop.signal));
    const hasSeen = await Promise.any(looking).catch(() => false);
    stop.abort();
    return hasSeen;
  }

  /** @returns true. @throws anything if it was not seen */
  async #seesAt(node: string, kind: FaultKind, stop: AbortSignal): Promise<boolean> {
    for (let isLast = false; ; isLast = stop.aborted) {
      const isActing = await this.#isActing(node, kind).catch(() => false);
      if (isActing) return true;
      if (isLast) throw new Error(`no message of ${node} suffers it`);
      await sleep(actingEveryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  async #isActing(node: string, kind: FaultKind): Promise<boolean> {
    const { links } = await this.#nodes.client(node).faults({ requestTimeoutMs: askMsMax });
    return links.some(({ acted }) => (acted[kind] ?? 0) > 0);
  }

  replicaOf(node: string): string | undefined {
    return this.#replicas.get(node);
  }

  /** Whether a replica belongs to the past: its node has left, or is another replica now. */
  hasLeft(replica: string): boolean {
    const node = nodeOf(replica as ReplicaId);
    return !this.#nodes.nodeNames().includes(node) || this.#replicas.get(node) !== replica;
  }

  /** By how much the clock of any node was measured to be wrong at the most. */
  get largestSkewMs(): number {
    return this.#largestSkewMs;
  }

  counts(): NodeCounts {
    const all = [...this.#counts.values()];
    const sum = (name: keyof NodeCounts): number =>
      all.reduce((total, counts) => total + (counts[name] ?? 0), 0);
    return {
      dropped: sum('dropped'),
      duplicated: sum('duplicated'),
      reordered: sum('reordered'),
      delayed: sum('delayed'),
      held: sum('held'),
      relayed: sum('relayed'),
      duplicatesIgnored: sum('duplicatesIgnored'),
      snapshots: sum('snapshots'),
    };
  }
}

function linkCounts(link: LinkCountsJson): Partial<NodeCounts> {
  const { dropped, duplicated, reordered, delayed_total, held_total } = link;
  return { dropped, duplicated, reordered, delayed: delayed_total, held: held_total };
}

function updateCounts({ relayed, duplicates, snapshots_taken }: CountersJson): Partial<NodeCounts> {
  return { relayed, duplicatesIgnored: duplicates, snapshots: snapshots_taken };
}
