import type { Components } from './components.js';
import type { Adjacency } from './edges.js';
import { at } from '../attribution/flatHistory.js';
import type { Layout } from './layout.js';

/**
 * The causal order co = (session order and reads-from)+ of an acyclic history, as a vector per node: how many nodes of
 * each session's chain are the node itself or before it. That takes n * s numbers and as much time, of n nodes and s
 * sessions, where a transitive closure takes n * n.
 *
 * What is indefinite has no column. The only way out of it is to be read, by a node of some chain: it is before whatever
 * one of its first readers, one per session, is or is before.
 */
export class CausalOrder {
  readonly layout: Layout;
  readonly vectors: Int32Array;
  /** By indefinite node, counted from the first: its first reader in each session that read it. */
  readonly #observers: readonly (readonly number[])[];

  constructor(layout: Layout, successors: Adjacency, { componentOf }: Components) {
    this.layout = layout;
    this.vectors = vectorsOf(layout, successors, componentOf);
    this.#observers = observersOf(layout, successors);
  }

  /** Strictly before. */
  precedes(a: number, b: number): boolean {
    const { layout } = this;
    if (layout.isIndefinite(a)) return this.#indefinitePrecedes(a, b);
    return a !== b && this.seen(b, at(layout.sessionOf, a)) > at(layout.position, a);
  }

  /** How many nodes of the session's chain are the node or before it. */
  seen(node: number, session: number): number {
    return at(this.vectors, node * this.layout.sessions + session);
  }

  /** The node after the last one of the session that is strictly before `node`. */
  limit(node: number, session: number): number {
    const isOwn = at(this.layout.sessionOf, node) === session;
    const count = isOwn ? at(this.layout.position, node) : this.seen(node, session);
    return at(this.layout.chainStart, session) + count;
  }

  /** Whether an indefinite or other node is within a set of nodes closed under co, given as counts per session. */
  isWithin(node: number, counts: Int32Array, offset: number): boolean {
    const { layout } = this;
    if (!layout.isIndefinite(node))
      return at(counts, offset + at(layout.sessionOf, node)) > at(layout.position, node);
    return this.observersOf(node).some((observer) => this.isWithin(observer, counts, offset));
  }

  observersOf(node: number): readonly number[] {
    return this.#observers[node - at(this.layout.chainStart, this.layout.sessions)] ?? [];
  }

  #indefinitePrecedes(a: number, b: number): boolean {
    const { operationOf } = this.layout;
    if (operationOf[a] === operationOf[b]) return a < b;
    return this.isWithin(a, this.vectors, b * this.layout.sessions);
  }
}

function vectorsOf(layout: Layout, { start, targets }: Adjacency, componentOf: Int32Array): Int32Array {
  const { sessions, count } = layout;
  const vectors = new Int32Array(count * sessions);
  const inOrder = new Int32Array(count);
  for (let node = 0; node < count; node += 1) {
    inOrder[count - 1 - at(componentOf, node)] = node;
    const own = layout.isIndefinite(node) ? 0 : 1;
    vectors[node * sessions + at(layout.sessionOf, node)] = at(layout.position, node) + own;
  }
  for (const node of inOrder) {
    for (let edge = at(start, node); edge < at(start, node + 1); edge += 1) {
      join(vectors, at(targets, edge) * sessions, node * sessions, sessions);
    }
  }
  return vectors;
}

function join(vectors: Int32Array, into: number, from: number, width: number): void {
  for (let column = 0; column < width; column += 1) {
    const count = at(vectors, from + column);
    if (count > at(vectors, into + column)) vectors[into + column] = count;
  }
}

function observersOf(layout: Layout, { start, targets }: Adjacency): number[][] {
  const first = at(layout.chainStart, layout.sessions);
  const observers: number[][] = [];
  // From the last to the first, for who sees a later write of an operation has seen the earlier ones.
  for (let node = layout.count - 1; node >= first; node -= 1) {
    const bySession = new Map<number, number>();
    const isFollowed = layout.operationOf[node] === layout.operationOf[node + 1];
    const later = isFollowed ? (observers[node + 1 - first] ?? []) : [];
    const readers = Array.from(targets.subarray(at(start, node), at(start, node + 1)));
    for (const reader of [...later, ...readers.filter((each) => !layout.isIndefinite(each))]) {
      const session = at(layout.sessionOf, reader);
      bySession.set(session, Math.min(bySession.get(session) ?? reader, reader));
    }
    observers[node - first] = [...bySession.values()];
  }
  return observers;
}
