import type { CausalGraph, GraphRead } from '../../order/causalGraph.js';
import type { CausalOrder } from '../../order/causalOrder.js';
import { at } from '../../attribution/flatHistory.js';
import { type KeyAccesses, KeyAccessesBuilder } from '../../order/keyAccesses.js';

/**
 * What the writes that a session has read were preceded by: for every read, joined over it and the earlier reads of its
 * key in its session, the vector of all that is strictly before the versions they returned. With it one comparison tells
 * whether a version is older than any that was read before. n * s numbers, like causal order itself.
 */
export class SeenBefore {
  /** By key, the reads of which at least one version has a known write; each by its node. */
  readonly reads: ReadonlyMap<number, KeyAccesses>;
  readonly #graph: CausalGraph;
  readonly #order: CausalOrder;
  /** By node. */
  readonly #joined: Int32Array;

  constructor(graph: CausalGraph, order: CausalOrder) {
    const { layout } = graph;
    const builder = new KeyAccessesBuilder();
    const latest = new Map<number, number>();
    this.#graph = graph;
    this.#order = order;
    this.#joined = new Int32Array(layout.count * layout.sessions);
    for (const read of graph.reads) {
      const session = at(layout.sessionOf, read.node);
      const place = read.key * layout.sessions + session;
      if (!this.#join(read, latest.get(place))) continue;
      latest.set(place, read.node);
      builder.add(read.key, read.node, session, false);
    }
    this.reads = builder.build();
  }

  /** Whether the write is causally before one that was read by `node`, or earlier in its session of the same key. */
  isBefore(write: number, node: number): boolean {
    return this.#order.isWithin(write, this.#joined, node * this.#graph.layout.sessions);
  }

  /** False if the read has no version whose write is known. */
  #join({ node, sources }: GraphRead, earlier: number | undefined): boolean {
    const { layout } = this.#graph;
    const writers = sources.flatMap((source) => this.#graph.writerOf(source) ?? []);
    if (writers.length === 0) return false;
    const into = node * layout.sessions;
    for (let session = 0; session < layout.sessions; session += 1) {
      let most = earlier === undefined ? 0 : at(this.#joined, earlier * layout.sessions + session);
      for (const writer of writers) {
        const isSelf = !layout.isIndefinite(writer) && layout.sessionOf[writer] === session;
        most = Math.max(most, isSelf ? at(layout.position, writer) : this.#order.seen(writer, session));
      }
      this.#joined[into + session] = most;
    }
    return true;
  }
}
