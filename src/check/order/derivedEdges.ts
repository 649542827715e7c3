import { Edges } from './edges.js';
import { at } from '../attribution/flatHistory.js';

/**
 * Edges from a write to another of the same key, each with the read that demands it: it had the first before it, and
 * returned the second.
 */
export class DerivedEdges {
  readonly edges = new Edges();
  readonly #reads: number[] = [];
  readonly #via = new Map<number, readonly number[]>();
  #byOrigin: Map<number, number[]> | undefined;

  /**
   * `read`: its number in the reads of the graph. `via`: the earlier edges, in their order, over which `from` is before it;
   * none if it is so in causal order alone.
   */
  add(from: number, to: number, read: number, via: readonly number[] = []): void {
    if (via.length > 0) this.#via.set(this.edges.length, via);
    this.edges.add(from, to);
    this.#reads.push(read);
    this.#byOrigin = undefined;
  }

  readOf(edge: number): number {
    return at(this.#reads, edge);
  }

  viaOf(edge: number): readonly number[] {
    return this.#via.get(edge) ?? [];
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
