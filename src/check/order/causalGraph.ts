import { CausalOrder } from './causalOrder.js';
import { componentsOf, type Components } from './components.js';
import { type Adjacency, adjacencyOf, Edges } from './edges.js';
import { at } from '../attribution/flatHistory.js';
import { type KeyAccesses, KeyAccessesBuilder, lastBelow } from './keyAccesses.js';
import { Layout, type Unit } from './layout.js';
import type { Attributed, Source } from '../attribution/source.js';

/** One read, by the node that made it. */
export interface GraphRead {
  readonly node: number;
  readonly access: number;
  readonly key: number;
  readonly sources: readonly Source[];
}

const noAccesses: KeyAccesses = { chains: [], indefinite: [] };

/**
 * Who did what, and the causal order of it. Of a transaction taken as one, only what it read of others counts here: a
 * read of a key after an own write to it, and one that returned an own write, say nothing of the order of transactions.
 */
export class CausalGraph {
  readonly attributed: Attributed;
  readonly layout: Layout;
  readonly reads: readonly GraphRead[];
  readonly writes: ReadonlyMap<number, KeyAccesses>;
  /** Session order and reads-from, each edge once or more. */
  readonly edges: Edges;
  readonly successors: Adjacency;
  readonly components: Components;
  /** Undefined if there is none, for it would have a cycle. */
  readonly order: CausalOrder | undefined;
  /** By node: its first read; one entry more than there are nodes. */
  readonly #firstRead: Int32Array;
  readonly #indefiniteReads = new Map<number, number[]>();

  constructor(attributed: Attributed, unit: Unit) {
    this.attributed = attributed;
    this.layout = new Layout(attributed, unit);
    const { count } = this.layout;
    this.#firstRead = new Int32Array(count + 1);
    this.reads = this.#collectReads();
    this.writes = this.#collectWrites();
    this.edges = this.#collectEdges();
    this.successors = adjacencyOf(count, [this.edges]);
    this.components = componentsOf(count, this.successors);
    if (this.components.count === count)
      this.order = new CausalOrder(this.layout, this.successors, this.components);
  }

  readsOf(node: number): readonly GraphRead[] {
    return this.reads.slice(at(this.#firstRead, node), at(this.#firstRead, node + 1));
  }

  writesTo(key: number): KeyAccesses {
    return this.writes.get(key) ?? noAccesses;
  }

  /** The number of the first read of the node, if it has any. */
  firstReadOf(node: number): number {
    return at(this.#firstRead, node);
  }

  /** The indefinite nodes that a node read from. */
  indefiniteReadBy(node: number): readonly number[] {
    return this.#indefiniteReads.get(node) ?? [];
  }

  readersOfIndefinite(): Iterable<number> {
    return this.#indefiniteReads.keys();
  }

  /** The node that a version comes from; undefined if that is not known, or no write. */
  writerOf(source: Source | undefined): number | undefined {
    return source?.kind === 'write' ? at(this.layout.nodeOf, source.write) : undefined;
  }

  writesKey(node: number, key: number): boolean {
    const { chains, indefinite } = this.writesTo(key);
    if (this.layout.isIndefinite(node)) return indefinite.includes(node);
    const session = at(this.layout.sessionOf, node);
    return lastBelow(chains.find((chain) => chain.session === session)?.nodes ?? [], node + 1) === node;
  }

  /** Whether one comes directly before the other in session order. */
  isSessionEdge(from: number, to: number): boolean {
    return this.layout.before(to) === from;
  }

  #collectReads(): GraphRead[] {
    const { flat, sources } = this.attributed;
    const { accessFrom, accessTo, operationOf, count } = this.layout;
    const reads: GraphRead[] = [];
    for (let node = 0; node < count; node += 1) {
      this.#firstRead[node] = reads.length;
      const own = new Set<number>();
      for (let access = at(accessFrom, node); access < at(accessTo, node); access += 1) {
        const key = at(flat.keyOf, access);
        const versions = sources[access] ?? [];
        if (flat.accesses[access]?.kind === 'write') own.add(key);
        else if (versions.length > 0 && !own.has(key) && !this.#isOwn(versions, at(operationOf, node)))
          reads.push({ node, access, key, sources: versions });
      }
    }
    this.#firstRead[count] = reads.length;
    return reads;
  }

  #isOwn(versions: readonly Source[], operation: number): boolean {
    if (this.layout.unit === 'access') return false;
    const { operationOf } = this.attributed.flat;
    return versions.some((source) => source.kind === 'write' && operationOf[source.write] === operation);
  }

  #collectWrites(): ReadonlyMap<number, KeyAccesses> {
    const { flat } = this.attributed;
    const { accessFrom, accessTo, sessionOf, count } = this.layout;
    const builder = new KeyAccessesBuilder();
    for (let node = 0; node < count; node += 1) {
      for (let access = at(accessFrom, node); access < at(accessTo, node); access += 1) {
        if (flat.accesses[access]?.kind !== 'write') continue;
        builder.add(at(flat.keyOf, access), node, at(sessionOf, node), this.layout.isIndefinite(node));
      }
    }
    return builder.build();
  }

  #collectEdges(): Edges {
    const edges = new Edges();
    for (let node = 0; node < this.layout.count; node += 1) {
      const before = this.layout.before(node);
      if (before !== undefined) edges.add(before, node);
    }
    for (const { node, sources } of this.reads) {
      for (const source of sources) {
        const writer = this.writerOf(source);
        if (writer === undefined) continue;
        edges.add(writer, node);
        if (this.layout.isIndefinite(writer))
          this.#indefiniteReads.set(node, [...this.indefiniteReadBy(node), writer]);
      }
    }
    return edges;
  }
}

/**
 * Visits, of each session, the last write to the key that is causally before the node (what came earlier in the session
 * is before that one), and every indefinite one that is. Ends when `visit` returns true.
 */
export function visitLatest(
  graph: CausalGraph,
  order: CausalOrder,
  { key, node }: { readonly key: number; readonly node: number },
  visit: (write: number) => boolean,
): void {
  const { chains, indefinite } = graph.writesTo(key);
  for (const { session, nodes } of chains) {
    const write = lastBelow(nodes, order.limit(node, session));
    if (write !== -1 && visit(write)) return;
  }
  for (const write of indefinite) if (order.precedes(write, node) && visit(write)) return;
}
