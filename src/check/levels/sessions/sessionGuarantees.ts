import type { CausalGraph, GraphRead } from '../../order/causalGraph.js';
import type { CausalOrder } from '../../order/causalOrder.js';
import { at } from '../../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../../witness/finding.js';
import { lastBelow } from '../../order/keyAccesses.js';
import { laterDeletes } from '../laterDeletes.js';
import { nearestFirst } from '../nearestFirst.js';
import { SeenBefore } from './seenBefore.js';
import { explainSession, type Missed, nodesOf } from './sessionFinding.js';
import type { SessionLevel } from './sessionLevel.js';
import { WritesRead } from './writesRead.js';

const patterns: Readonly<Record<SessionLevel, string>> = {
  'read-your-writes': 'OwnWriteMissed',
  'monotonic-reads': 'NonMonotonicRead',
  'monotonic-writes': 'NonMonotonicWrites',
  'writes-follow-reads': 'WriteWithoutItsReads',
};

/**
 * The guarantees of Terry et al., "Session guarantees for weakly consistent replicated data" (PDIS 1994), as far as what
 * was read shows them broken. A read is stale against a set of writes to its key if it returned the initial value, or
 * each version it returned is causally before one of them. The set is, of a read r,
 *
 * - read-your-writes: what its session wrote before;
 * - monotonic-reads: what its session had read before;
 * - monotonic-writes: what came in its session before a write that r's session had read before r;
 * - writes-follow-reads: what had been read by a session before it wrote what r's session had read before r.
 *
 * Before r is also what r's own operation read, of other operations: it is a snapshot. Each is judged by itself, without
 * what follows from several together. All of them hold under causal consistency. Of several writes of one indefinite
 * operation to one key the earlier ones are not told apart here. Time: O(n s log n).
 */
export function findSessionViolations(graph: CausalGraph, order: CausalOrder): Map<SessionLevel, Finding[]> {
  const work = new SessionJudge(graph, order);
  for (let session = 0; session < graph.layout.sessions; session += 1) work.judge(session);
  return work.findings;
}

class SessionJudge {
  readonly findings = new Map<SessionLevel, Finding[]>([
    ['read-your-writes', []],
    ['monotonic-reads', []],
    ['monotonic-writes', []],
    ['writes-follow-reads', []],
  ]);
  readonly #graph: CausalGraph;
  readonly #order: CausalOrder;
  readonly #seen: SeenBefore;

  constructor(graph: CausalGraph, order: CausalOrder) {
    this.#graph = graph;
    this.#order = order;
    this.#seen = new SeenBefore(graph, order);
  }

  judge(session: number): void {
    const { layout } = this.#graph;
    const writesRead = new WritesRead(this.#graph);
    const end = at(layout.chainStart, session + 1);
    for (let node = at(layout.chainStart, session); node < end;) {
      let next = node;
      while (next < end && layout.operationOf[next] === layout.operationOf[node]) next += 1;
      for (let each = node; each < next; each += 1) writesRead.addOfOthers(each);
      for (; node < next; node += 1) {
        const read = this.#graph.reads[this.#graph.firstReadOf(node)];
        if (read?.node !== node) continue;
        this.#judgeOwn(read, session);
        this.#judgeOthers(read, writesRead);
        writesRead.addOwn(node);
      }
    }
  }

  #judgeOwn(read: GraphRead, session: number): void {
    const { node, key } = read;
    const chainOf = (chains = this.#graph.writesTo(key).chains): readonly number[] =>
      chains.find((chain) => chain.session === session)?.nodes ?? [];
    const own = lastBelow(chainOf(), node);
    if (own !== -1 && this.#isStale(read, (write) => this.#order.precedes(write, own)))
      this.#report('read-your-writes', { read, missed: [own] });
    const earlier = lastBelow(chainOf(this.#seen.reads.get(key)?.chains ?? []), node);
    if (earlier !== -1 && this.#isStale(read, (write) => this.#seen.isBefore(write, earlier)))
      this.#report('monotonic-reads', { read, readers: [earlier] });
  }

  #judgeOthers(read: GraphRead, writesRead: WritesRead): void {
    const { chains, indefinite } = this.#graph.writesTo(read.key);
    const missed: number[] = [];
    for (const { session, nodes } of chains) {
      const write = lastBelow(nodes, writesRead.limit(session));
      if (write !== -1) missed.push(write);
    }
    for (const write of indefinite) if (writesRead.isBeforeIndefinite(write)) missed.push(write);
    const isMissed = (write: number): boolean => missed.some((each) => this.#order.precedes(write, each));
    if (missed.length > 0 && this.#isStale(read, isMissed))
      this.#report('monotonic-writes', { read, missed });
    const readers: number[] = [];
    for (const { session, nodes } of this.#seen.reads.get(read.key)?.chains ?? []) {
      const reader = lastBelow(nodes, writesRead.limit(session));
      if (reader !== -1) readers.push(reader);
    }
    const isRead = (write: number): boolean => readers.some((each) => this.#seen.isBefore(write, each));
    if (readers.length > 0 && this.#isStale(read, isRead))
      this.#report('writes-follow-reads', { read, readers });
  }

  /** What nobody wrote, and what cannot be told, is not stale; of an absent key all that it may be must be. */
  #isStale(read: GraphRead, isOlder: (write: number) => boolean): boolean {
    return read.sources.every((source) => {
      if (source.kind === 'initial') return true;
      if (source.kind === 'write') return isOlder(at(this.#graph.layout.nodeOf, source.write));
      if (source.kind !== 'oneOf') return false;
      for (const each of nearestFirst(source.deletes, read.access)) {
        const node = at(this.#graph.layout.nodeOf, each);
        if (node === -1 || !(this.#order.precedes(read.node, node) || isOlder(node))) return false;
      }
      return true;
    });
  }

  #report(level: SessionLevel, missed: Missed): void {
    const findings = this.findings.get(level);
    if (findings === undefined || findings.length >= findingsMax) return;
    const shown = nodesOf(this.#graph, this.#order, level, missed);
    findings.push({
      pattern: patterns[level],
      graph: this.#graph,
      nodes: shown.nodes,
      paths: [...shown.older, ...laterDeletes(this.#graph, missed.read)],
      misses: shown.missed.map((write) => [write, missed.read.node]),
      explain: () => explainSession(this.#graph, level, missed.read, shown),
    });
  }
}
