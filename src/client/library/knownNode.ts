import { KvcError } from '../../errors.js';
import { NodeClient, type RequestOptions } from '../nodeClient.js';
import { UndiciSender } from './undiciSender.js';

/** For how long a node that did not answer comes last, in ms. */
const avoidedMs = 5000;

type Terms = Pick<RequestOptions, 'signal' | 'requestTimeoutMs'>;

/** What a node said of itself. */
interface Met {
  readonly clusterId: string;
  readonly client: NodeClient;
}

/** A node of the cluster, as one client and all that were made from it know it. */
export class KnownNode {
  readonly url: string;
  readonly sender: UndiciSender;
  #met: Met | undefined;
  #avoidedUntil = -Infinity;
  /** What is to be added to this process's clock to have the node's. */
  #clockOffsetMs = performance.timeOrigin;
  #saysTakenUp = false;

  constructor(url: string) {
    this.url = url;
    this.sender = new UndiciSender(url);
  }

  /** undefined until it has said who it is. */
  get name(): string | undefined {
    return this.#met?.client.name;
  }

  /** How it is called in messages. */
  get label(): string {
    return this.name ?? this.url;
  }

  /** Whether it says when it takes a request up, and that comes through: see `acceptByHeader`. */
  get saysTakenUp(): boolean {
    return this.#saysTakenUp;
  }

  /** ms since 1970 by the node's clock, or a little earlier. */
  get nowMs(): number {
    return performance.now() + this.#clockOffsetMs;
  }

  /**
   * What its clock said a moment ago. As if it were what it says now: so it is not taken to be later there than it is, and
   * a node takes nothing up after the time that was meant. By a clock of this process that nobody sets.
   */
  setClock(nodeMs: number): void {
    this.#clockOffsetMs = nodeMs - performance.now();
  }

  /** Whether it failed a short while ago. */
  get isAvoided(): boolean {
    return performance.now() < this.#avoidedUntil;
  }

  avoid(): void {
    this.#avoidedUntil = performance.now() + avoidedMs;
  }

  trust(): void {
    this.#avoidedUntil = -Infinity;
  }

  /**
   * Asks it who it is, and remembers that.
   * @returns the id of its cluster
   */
  async meet(terms: Terms): Promise<string> {
    return (await this.#ask(terms)).clusterId;
  }

  /**
   * Its HTTP API.
   * @throws KvcError KVC_E_CLUSTER_FOREIGN if it turns out to be of another cluster
   */
  async client(clusterId: string, terms: Terms): Promise<NodeClient> {
    if (this.#met?.clusterId === clusterId) return this.#met.client;
    const met = await this.#ask(terms);
    if (met.clusterId !== clusterId) throw foreignNode(this.url, met.clusterId, clusterId);
    return met.client;
  }

  async #ask(terms: Terms): Promise<Met> {
    const { url, sender } = this;
    let isTakenUp = false;
    const acceptBy = { ms: Number.MAX_SAFE_INTEGER, onTakenUp: () => (isTakenUp = true) };
    const client = new NodeClient({ name: url, url }, sender.send);
    const { node, cluster_id, time_ms } = await client.health({ ...terms, acceptBy });
    this.setClock(time_ms);
    this.#saysTakenUp = isTakenUp;
    this.#met = { clusterId: cluster_id, client: new NodeClient({ name: node, url }, sender.send) };
    return this.#met;
  }
}

export function foreignNode(url: string, found: string, clusterId: string): KvcError {
  const message = `the node at ${url} belongs to cluster ${found}, and others to cluster ${clusterId}`;
  return new KvcError('KVC_E_CLUSTER_FOREIGN', message, { clusters: [found, clusterId] });
}
