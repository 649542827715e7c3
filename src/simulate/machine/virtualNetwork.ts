import type { NodeName } from '../../core/ids.js';
import type { PeerHandlers } from '../../transport/peerHandlers.js';
import type { Lifeline } from './lifeline.js';
import type { Cut, CutKind } from './partitions.js';
import type { SeededRandom } from './seededRandom.js';
import type { Universe } from './universe.js';

export interface NetworkFaults {
  /** Probability that a request, or an answer, is lost. */
  readonly loss: number;
  readonly duplication: number;
  /** The longest that a message may take beyond the latency of its link; it reorders what is sent at shorter intervals. */
  readonly jitterMs: number;
  /** The most that the latency of a link may be. Each link has its own. */
  readonly latencyMsMax: number;
  /** Probability that a message takes longer than any sender waits. */
  readonly straying: number;
}

export const faultless: NetworkFaults = {
  loss: 0,
  duplication: 0,
  jitterMs: 0,
  latencyMsMax: 0,
  straying: 0,
};

/** Who answers requests under a name. */
export interface Listener {
  readonly line: Lifeline;
  readonly handlers: PeerHandlers;
}

/** One direction of a connection. Each has chance of its own, so that the traffic of the others does not change it. */
interface Link {
  readonly name: string;
  readonly random: SeededRandom;
  /** Where in the range of latencies it is: from 0 to 1, most of them near 0 and a few far slower. */
  readonly slowness: number;
  latencyMs: number | undefined;
  cut: CutKind | undefined;
  sent: number;
  latestArrival: number;
}

const strayMs = { min: 300, max: 3000 };

/** The network between machines. What it does is decided by chance, and by who has cut what. */
export class VirtualNetwork {
  faults: NetworkFaults;
  readonly #universe: Universe;
  readonly #random: SeededRandom;
  readonly #links = new Map<string, Link>();
  readonly #listeners = new Map<NodeName, Listener>();

  constructor(faults: NetworkFaults, universe: Universe) {
    this.faults = faults;
    this.#universe = universe;
    this.#random = universe.random.fork('network');
  }

  get universe(): Universe {
    return this.#universe;
  }

  /** From here on, until its life ends, this life answers what is asked of its machine. */
  listen(line: Lifeline, handlers: PeerHandlers): void {
    this.#listeners.set(line.machine, { line, handlers });
  }

  /** Who answers under a name now; it may be paused. */
  listener(name: NodeName): Listener | undefined {
    const found = this.#listeners.get(name);
    return found?.line.isAlive === true ? found : undefined;
  }

  get cuts(): Cut[] {
    return [...this.#links.values()].flatMap(({ name, cut }) => {
      const [source = '', target = ''] = name.split('>');
      return cut === undefined ? [] : [{ source: source as NodeName, target: target as NodeName, kind: cut }];
    });
  }

  get hasCuts(): boolean {
    return this.cuts.length > 0;
  }

  /** One way each. */
  cut(cuts: readonly Cut[]): void {
    for (const { source, target, kind } of cuts) {
      this.#link(source, target).cut = kind;
      this.#note(source, 'cut', `${target} ${kind}`);
    }
  }

  heal(source: NodeName, target: NodeName): void {
    this.#link(source, target).cut = undefined;
    this.#note(source, 'heal', target);
  }

  healAll(): void {
    for (const { source, target } of this.cuts) this.heal(source, target);
  }

  /** Gives a link a latency of its own, whatever `faults` say; undefined: no longer. */
  setLatency(source: NodeName, target: NodeName, ms: number | undefined): void {
    this.#link(source, target).latencyMs = ms;
  }

  /** Whether requests of one node reach the other, and the answers come back. */
  canAsk(source: NodeName, target: NodeName): boolean {
    return this.#link(source, target).cut === undefined && this.#link(target, source).cut !== 'everything';
  }

  /**
   * Takes cuts back until there is a way from every node to every other.
   * @param bothWays - count only connections on which either node can ask the other: who needs a peer's state must ask for it
   */
  reconnect(nodes: readonly NodeName[], bothWays: boolean): void {
    const isUsable = (source: NodeName, target: NodeName): boolean =>
      this.canAsk(source, target) && (!bothWays || this.canAsk(target, source));
    while (this.hasCuts && !nodes.every((node) => reachedFrom(node, nodes, isUsable).size === nodes.length)) {
      const { source, target } = this.#random.pick(this.cuts);
      this.heal(source, target);
    }
  }

  /** @param arrive - called as often as the message arrives */
  send(source: NodeName, target: NodeName, kind: 'request' | 'answer', arrive: () => void): void {
    const { counts } = this.#universe;
    const link = this.#link(source, target);
    const isCut = link.cut === 'everything' || (link.cut === 'requests' && kind === 'request');
    counts[kind === 'request' ? 'messages' : 'answers'] += 1;
    if (isCut) {
      counts.cut += 1;
      return;
    }
    if (link.random.chance(this.faults.loss)) {
      counts.lost += 1;
      this.#note(source, 'lost', `${kind} to ${target}`);
      return;
    }
    this.#travel(link, kind, arrive);
    if (!link.random.chance(this.faults.duplication)) return;
    counts.duplicated += 1;
    this.#travel(link, kind, arrive, 4);
  }

  #travel(link: Link, kind: 'request' | 'answer', arrive: () => void, slower = 1): void {
    link.sent += kind === 'request' ? 1 : 0;
    const { sent } = link;
    this.#universe.timeline.after(this.#delayMs(link) * slower, () => {
      if (kind === 'request') this.#noteOrder(link, sent);
      arrive();
    });
  }

  #delayMs({ random, latencyMs, slowness }: Link): number {
    const { jitterMs, latencyMsMax, straying } = this.faults;
    if (straying > 0 && random.chance(straying)) return random.between(strayMs.min, strayMs.max);
    return (latencyMs ?? Math.floor(slowness * latencyMsMax)) + random.between(0, jitterMs);
  }

  #noteOrder(link: Link, sent: number): void {
    if (sent < link.latestArrival) this.#universe.counts.reordered += 1;
    link.latestArrival = Math.max(sent, link.latestArrival);
  }

  #link(source: NodeName, target: NodeName): Link {
    const name = `${source}>${target}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      const random = this.#random.fork(name);
      const slowness = random.next() ** 3;
      link = { name, random, slowness, latencyMs: undefined, cut: undefined, sent: 0, latestArrival: 0 };
      this.#links.set(name, link);
    }
    return link;
  }

  #note(machine: string, what: string, detail: string): void {
    this.#universe.trace.add(this.#universe.timeline.nowMs, machine, what, detail);
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
