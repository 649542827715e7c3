import type { NodeName } from '../../src/core/ids.js';
import type { Happenings } from './happenings.js';
import type { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import type { Timeline } from './timeline.js';

export interface NetworkFaults {
  /** Probability that a message, or its answer, is lost. */
  readonly loss: number;
  readonly duplication: number;
  /** The longest that a message travels; it reorders what is sent at shorter intervals. */
  readonly delayMsMax: number;
}

/** What of the traffic in one direction is cut: the requests only, or also the answers to requests of the other direction. */
type CutKind = 'requests' | 'everything';

/** The network between nodes. What it does is decided by chance and by who has cut what. */
export class VirtualNetwork {
  readonly #random: SeededRandom;
  readonly #timeline: Timeline;
  readonly #happened: Happenings;
  readonly #cuts = new Map<string, CutKind>();
  readonly #latestArrival = new Map<string, number>();
  faults: NetworkFaults;

  constructor(faults: NetworkFaults, random: SeededRandom, timeline: Timeline, happened: Happenings) {
    this.faults = faults;
    this.#random = random;
    this.#timeline = timeline;
    this.#happened = happened;
  }

  get hasCuts(): boolean {
    return this.#cuts.size > 0;
  }

  /** `node1>node2 everything` */
  toString(): string {
    return [...this.#cuts].map(([link, kind]) => `${link} ${kind}`).join(', ');
  }

  /** One way. */
  cut(source: NodeName, target: NodeName, kind: CutKind): void {
    this.#cuts.set(`${source}>${target}`, kind);
  }

  heal(source: NodeName, target: NodeName): void {
    this.#cuts.delete(`${source}>${target}`);
  }

  healAll(): void {
    this.#cuts.clear();
  }

  /** Whether requests of one node reach the other, and the answers come back. */
  canAsk(source: NodeName, target: NodeName): boolean {
    return !this.#cuts.has(`${source}>${target}`) && this.#cuts.get(`${target}>${source}`) !== 'everything';
  }

  send(source: NodeName, target: NodeName, kind: 'request' | 'answer', arrive: () => void): void {
    const cut = this.#cuts.get(`${source}>${target}`);
    const isCut = cut === 'everything' || (cut === 'requests' && kind === 'request');
    if (isCut || this.#random.chance(this.faults.loss)) {
      this.#happened.losses += 1;
      return;
    }
    const { delayMsMax } = this.faults;
    this.#timeline.after(this.#random.between(0, delayMsMax), arrive);
    if (!this.#random.chance(this.faults.duplication)) return;
    this.#happened.duplicates += 1;
    this.#timeline.after(this.#random.between(0, 4 * delayMsMax), arrive);
  }

  /** The `sent`th request of all arrives on a link. */
  noteOrder(source: NodeName, target: NodeName, sent: number): void {
    const link = `${source}>${target}`;
    const latest = this.#latestArrival.get(link) ?? 0;
    if (sent < latest) this.#happened.reorderings += 1;
    this.#latestArrival.set(link, Math.max(sent, latest));
  }

  /**
   * Takes cuts back until there is a way from every node to every other.
   * @param bothWays - count only connections on which either node can ask the other: who needs a peer's state must ask for it
   */
  reconnect(nodes: readonly NodeName[], bothWays: boolean): void {
    const isUsable = (source: NodeName, target: NodeName): boolean =>
      this.canAsk(source, target) && (!bothWays || this.canAsk(target, source));
    while (this.hasCuts && !nodes.every((node) => reachedFrom(node, nodes, isUsable).size === nodes.length)) {
      const [source = '', target = ''] = this.#random.pick([...this.#cuts.keys()]).split('>');
      this.heal(source as NodeName, target as NodeName);
    }
  }
}

function reachedFrom(
  start: NodeName,
  nodes: readonly NodeName[],
  isUsable: (source: NodeName, target: NodeName) => boolean,
): Set<NodeName> {
  const reached = new Set([start]);
  for (const source of reached) for (const target of nodes) if (isUsable(source, target)) reached.add(target);
  return reached;
}
