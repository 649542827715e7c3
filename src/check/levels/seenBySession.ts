import type { CausalGraph } from '../order/causalGraph.js';
import { at } from '../attribution/flatHistory.js';

/** Which sessions have themselves seen which writes: written them, or been returned them. */
export class SeenBySession {
  readonly #graph: CausalGraph;
  /** By write, by session: the first node at which it had seen it. */
  readonly #since = new Map<number, Map<number, number>>();

  constructor(graph: CausalGraph) {
    this.#graph = graph;
    for (const { node, sources } of graph.reads) {
      for (const source of sources) {
        const writer = graph.writerOf(source);
        if (writer !== undefined) this.#add(writer, node);
      }
    }
  }

  /** Whether the session of a node had seen the write before it. */
  hadSeen(node: number, write: number): boolean {
    const { layout } = this.#graph;
    const session = at(layout.sessionOf, node);
    const position = at(layout.position, node);
    const since = this.#since.get(write)?.get(session);
    if (since !== undefined && at(layout.position, since) < position) return true;
    if (at(layout.sessionOf, write) !== session) return false;
    if (layout.isIndefinite(write))
      return layout.operationOf[write] === layout.operationOf[node] && write < node;
    return at(layout.position, write) < position;
  }

  /** Nodes of a session come in their order. */
  #add(write: number, node: number): void {
    const session = at(this.#graph.layout.sessionOf, node);
    const since = this.#since.get(write) ?? new Map<number, number>();
    this.#since.set(write, since);
    if (!since.has(session)) since.set(session, node);
  }
}
