import { at } from '../attribution/flatHistory.js';

/** Directed edges in the order in which they were added. Typed, for there may be tens of millions. */
export class Edges {
  #from = new Int32Array(16);
  #to = new Int32Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(from: number, to: number): void {
    if (this.#length === this.#from.length) {
      this.#from = grown(this.#from);
      this.#to = grown(this.#to);
    }
    this.#from[this.#length] = from;
    this.#to[this.#length] = to;
    this.#length += 1;
  }

  from(index: number): number {
    return at(this.#from, index);
  }

  to(index: number): number {
    return at(this.#to, index);
  }
}

/** Edges by where they begin: those of `node` are `items` from `start[node]` up to `start[node + 1]`. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly targets: Int32Array;
  /** By place in `targets`: the number of the edge, counted through all the lists it was made of. */
  readonly edges: Int32Array;
}

export function adjacencyOf(count: number, lists: readonly Edges[]): Adjacency {
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  const start = new Int32Array(count + 1);
  for (const list of lists) {
    for (let index = 0; index < list.length; index += 1) {
      const node = list.from(index) + 1;
      start[node] = at(start, node) + 1;
    }
  }
  for (let node = 0; node < count; node += 1) start[node + 1] = at(start, node) + at(start, node + 1);
  const next = start.slice();
  const targets = new Int32Array(length);
  const edges = new Int32Array(length);
  let number = 0;
  for (const list of lists) {
    for (let index = 0; index < list.length; index += 1, number += 1) {
      const place = at(next, list.from(index));
      next[list.from(index)] = place + 1;
      targets[place] = list.to(index);
      edges[place] = number;
    }
  }
  return { start, targets, edges };
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
