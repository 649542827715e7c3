import type { CausalGraph } from '../../order/causalGraph.js';
import { at } from '../../attribution/flatHistory.js';

/** How far a session has read the writes of each session: what comes before those in their session it must not miss. */
export class WritesRead {
  readonly #graph: CausalGraph;
  /** By session: the last node of its chain that was read, or that comes before an indefinite one that was. */
  readonly #limits: Int32Array;
  /** The last node that was read of each indefinite operation. */
  readonly #indefinite = new Map<number, number>();

  constructor(graph: CausalGraph) {
    this.#graph = graph;
    this.#limits = graph.layout.chainStart.slice();
  }

  /** Everything of the session that is less than this comes before a write that was read. */
  limit(session: number): number {
    return at(this.#limits, session);
  }

  isBeforeIndefinite(write: number): boolean {
    return write < (this.#indefinite.get(at(this.#graph.layout.operationOf, write)) ?? -1);
  }

  /** What a node read of other operations. */
  addOfOthers(node: number): void {
    this.#add(node, false);
  }

  /** What a node read of its own operation. */
  addOwn(node: number): void {
    this.#add(node, true);
  }

  #add(node: number, isOwn: boolean): void {
    const { layout } = this.#graph;
    const read = this.#graph.reads[this.#graph.firstReadOf(node)];
    if (read?.node !== node) return;
    for (const source of read.sources) {
      const writer = this.#graph.writerOf(source);
      if (writer === undefined) continue;
      const operation = at(layout.operationOf, writer);
      if ((operation === layout.operationOf[node]) !== isOwn) continue;
      const session = at(layout.sessionOf, writer);
      const limit = at(layout.chainStart, session) + at(layout.position, writer);
      if (limit > at(this.#limits, session)) this.#limits[session] = limit;
      if (layout.isIndefinite(writer))
        this.#indefinite.set(operation, Math.max(writer, this.#indefinite.get(operation) ?? -1));
    }
  }
}
