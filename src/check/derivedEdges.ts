import { Edges } from './edges.js';
import { at } from './flatHistory.js';

/**
 * Edges from a write to another of the same key, each with the read that demands it: it had the first before it, and
 * returned the second.
 */
export class DerivedEdges {
  readonly edges = new Edges();
  /**
   * Whether `before` included the edges that had been derived earlier. If not, it was causal order alone, and why an edge is
   * there can be told without the others.
   */
  readonly isSaturated: boolean;
  readonly #reads: number[] = [];
  #byOrigin: Map<number, number[]> | undefined;

  constructor(options: { readonly isSaturated: boolean }) {
    this.isSaturated = options.isSaturated;
  }

  /** `read`: its number in the reads of the graph. */
  add(from: number, to: number, read: number): void {
    this.edges.add(from, to);
    this.#reads.push(read);
    this.#byOrigin = undefined;
  }

  readOf(edge: number): number {
    return at(this.#reads, edge);
  }

  /** The numbers of the edges that begin at the node. */
  of(node: number): readonly number[] {
    this.#byOrigin ??= this.#index();
    return this.#byOrigin.get(node) ?? [];
  }

  #index(): Map<number, number[]> {
    const byOrigin = new Map<number, number[]>();
    for (let edge = 0; edge < this.edges.length; edge += 1) {
      const list = byOrigin.get(this.edges.from(edge));
      if (list === undefined) byOrigin.set(this.edges.from(edge), [edge]);
      else list.push(edge);
    }
    return byOrigin;
  }
}
