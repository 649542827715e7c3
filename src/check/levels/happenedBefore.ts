import type { CausalGraph, GraphRead } from '../order/causalGraph.js';
import type { CausalOrder } from '../order/causalOrder.js';
import { findDerivedCycles } from './cycles.js';
import { DerivedEdges } from '../order/derivedEdges.js';
import { describeReturned, describeWriteOf, sessionName } from '../witness/describe.js';
import { at } from '../attribution/flatHistory.js';
import type { Finding } from '../witness/finding.js';
import { lastBelow } from '../order/keyAccesses.js';

/** So many violations are looked at. */
const enough = 20;

/** A session that has one violation mostly has many of the same; others may have smaller ones. */
const ofSessionMax = 2;

/** Each round goes once over the session. More than two are rare: see `HappenedBefore`. */
const roundsMax = 100;

export interface HappenedBeforeResult {
  readonly findings: readonly Finding[];
  /** A session for which the order was not complete after all rounds. */
  readonly unfinished?: string;
}

/**
 * The patterns of causal memory, WriteHBInitRead and CyclicHB (Bouajjani et al., POPL 2017, table 2): what one
 * session read must fit into one order of all that is causally before it. hb of the last operation of a session contains
 * that of the earlier ones, so one suffices for each. Of siblings the winner is judged. Time per round: O(n s) over all
 * sessions for their reads, and again for what is before them.
 */
export function findHappenedBefore(graph: CausalGraph, order: CausalOrder): HappenedBeforeResult {
  const findings: Finding[] = [];
  const work = new HappenedBefore(graph, order);
  for (let session = 0; session < graph.layout.sessions && findings.length < enough; session += 1) {
    const { isComplete, derived, initialReads } = work.saturate(session);
    const isEnough = initialReads.length > 0 && findings.length > 0;
    findings.push(
      ...initialReads,
      ...(isEnough ? [] : findDerivedCycles(graph, derived, 'CyclicHB', ofSessionMax)),
    );
    const unfinished = graph.attributed.flat.sessions[session] ?? '';
    if (!isComplete && findings.length === 0) return { findings, unfinished };
  }
  return { findings };
}

/**
 * hb of one session at a time. Its reads are in one order, so the set of what is hb-before a read only grows from read to
 * read, and being closed under causal order it is a count per session. A read of `second` that has `first` in that set
 * derives the edge first -> second. Such an edge pulls `first` and all before it into the set wherever `second` is in it.
 * Where it was derived both are; only if an earlier read had `second` without `first` must the session be gone through
 * once more.
 */
class HappenedBefore {
  readonly #graph: CausalGraph;
  readonly #order: CausalOrder;
  /** By session, how many of its chain are in the set. */
  readonly #counts: Int32Array;
  /** By node: the read, counted in its session from 1, with which it entered the set; 0: it has not. */
  readonly #entered: Int32Array;
  /** By node, the derived edges that end there. */
  readonly #edgesInto = new Map<number, number[]>();
  /** By node: 1 if it may bring in more than what is causally before it. So that few need more than a glance. */
  readonly #isPulling: Uint8Array;
  readonly #known = new Set<number>();
  /** Nodes that are to enter: by a derived edge, or -1, into the other node, or because that one read them. */
  readonly #pulled: { node: number; edge: number; into: number }[] = [];
  /** By node: the node with which it entered, being causally before it; and of that one, how it came to be pulled. */
  readonly #broughtBy: Int32Array;
  readonly #pulledOver = new Map<number, { edge: number; into: number }>();
  #derived = new DerivedEdges();
  #initialReads: Finding[] = [];
  #step = 0;

  constructor(graph: CausalGraph, order: CausalOrder) {
    this.#graph = graph;
    this.#order = order;
    this.#counts = new Int32Array(graph.layout.sessions);
    this.#entered = new Int32Array(graph.layout.count);
    this.#isPulling = new Uint8Array(graph.layout.count);
    this.#broughtBy = new Int32Array(graph.layout.count);
  }

  saturate(session: number): {
    isComplete: boolean;
    derived: DerivedEdges;
    initialReads: readonly Finding[];
  } {
    this.#edgesInto.clear();
    this.#isPulling.fill(0);
    for (const node of this.#graph.readersOfIndefinite()) this.#isPulling[node] = 1;
    this.#isPulling.fill(1, at(this.#graph.layout.chainStart, this.#graph.layout.sessions));
    this.#known.clear();
    this.#derived = new DerivedEdges();
    let isComplete = false;
    for (let round = 0; round < roundsMax && !isComplete; round += 1) isComplete = this.#pass(session);
    return { isComplete, derived: this.#derived, initialReads: this.#initialReads };
  }

  /** False if an edge was derived that an earlier read should have known of. */
  #pass(session: number): boolean {
    const { chainStart } = this.#graph.layout;
    this.#counts.fill(0);
    this.#entered.fill(0);
    this.#pulledOver.clear();
    this.#initialReads = [];
    let isComplete = true;
    this.#step = 0;
    for (let node = at(chainStart, session); node < at(chainStart, session + 1); node += 1) {
      this.#step += 1;
      this.#raise(node);
      this.#pull();
      const number = this.#graph.firstReadOf(node);
      const read = this.#graph.reads[number];
      if (read?.node === node && !this.#derive(read, number)) isComplete = false;
    }
    return isComplete;
  }

  #derive(read: GraphRead, number: number): boolean {
    const [source] = read.sources;
    if (source?.kind === 'initial') this.#checkInitial(read);
    const second = this.#graph.writerOf(source);
    if (second === undefined) return true;
    let isComplete = true;
    this.#visitWrites(read, (first) => {
      if (first === second || this.#order.precedes(first, second)) return;
      const name = first * this.#graph.layout.count + second;
      if (this.#known.has(name)) return;
      this.#known.add(name);
      this.#append(first, second, number);
      if (at(this.#entered, second) < at(this.#entered, first)) isComplete = false;
    });
    return isComplete;
  }

  #append(first: number, second: number, read: number): void {
    const edges = this.#edgesInto.get(second) ?? [];
    this.#edgesInto.set(second, edges);
    edges.push(this.#derived.edges.length);
    this.#isPulling[second] = 1;
    this.#derived.add(first, second, read, this.#viaOf(first));
  }

  #checkInitial(read: GraphRead): void {
    const graph = this.#graph;
    const derived = this.#derived;
    this.#visitWrites(read, (write) => {
      if (this.#initialReads.length >= ofSessionMax) return;
      const via = this.#viaOf(write);
      this.#initialReads.push({
        pattern: 'WriteHBInitRead',
        graph,
        nodes: [read.node, write],
        paths: [[write, read.node]],
        derived,
        via,
        misses: [[write, read.node]],
        explain: () => {
          const got = describeReturned(graph.attributed.flat, read.access);
          const missed = describeWriteOf(graph, write, read.key);
          return `${sessionName(graph, read.node)} read ${got}, although all it read puts ${missed} before that`;
        },
      });
    });
  }

  /** Of each session the last write to the key that is in the set, and all indefinite ones that are. */
  #visitWrites({ key }: GraphRead, visit: (write: number) => void): void {
    const { chainStart } = this.#graph.layout;
    const { chains, indefinite } = this.#graph.writesTo(key);
    for (const { session, nodes } of chains) {
      const write = lastBelow(nodes, at(chainStart, session) + at(this.#counts, session));
      if (write !== -1) visit(write);
    }
    for (const write of indefinite) if (this.#entered[write] !== 0) visit(write);
  }

  /** The derived edges over which a node of the set is before the last read that was taken in. */
  #viaOf(node: number): number[] {
    const via: number[] = [];
    let pulled = this.#pulledOver.get(at(this.#broughtBy, node));
    while (pulled !== undefined) {
      if (pulled.edge !== -1) via.push(pulled.edge);
      pulled = this.#pulledOver.get(at(this.#broughtBy, pulled.into));
    }
    return via;
  }

  /** Takes in what is causally before the node, and itself. */
  #raise(node: number): void {
    const { layout } = this.#graph;
    for (let session = 0; session < layout.sessions; session += 1) {
      const to = this.#order.seen(node, session);
      const from = at(this.#counts, session);
      if (to <= from) continue;
      this.#counts[session] = to;
      const start = at(layout.chainStart, session);
      for (let each = start + from; each < start + to; each += 1) this.#enter(each, node);
    }
    if (layout.isIndefinite(node)) this.#enter(node, node);
  }

  #enter(node: number, bringer: number): void {
    this.#entered[node] = this.#step;
    this.#broughtBy[node] = bringer;
    if (this.#isPulling[node] === 0) return;
    const { layout } = this.#graph;
    for (const edge of this.#edgesInto.get(node) ?? [])
      this.#pulled.push({ node: this.#derived.edges.from(edge), edge, into: node });
    for (const read of this.#graph.indefiniteReadBy(node))
      this.#pulled.push({ node: read, edge: -1, into: node });
    const before = layout.isIndefinite(node) ? layout.before(node) : undefined;
    if (before !== undefined && layout.isIndefinite(before))
      this.#pulled.push({ node: before, edge: -1, into: node });
  }

  #pull(): void {
    for (let pulled = this.#pulled.pop(); pulled !== undefined; pulled = this.#pulled.pop()) {
      if (this.#entered[pulled.node] !== 0) continue;
      this.#pulledOver.set(pulled.node, pulled);
      this.#raise(pulled.node);
    }
  }
}
