import type { CausalGraph, GraphRead } from '../order/causalGraph.js';
import type { CausalOrder } from '../order/causalOrder.js';
import { describeReturned, describeWriteOf, sessionName } from '../witness/describe.js';
import type { Finding } from '../witness/finding.js';
import { findStaleReads, type Stale, type StaleFinding } from './staleRead.js';

/**
 * What of an operation is older than what is causally before it, with operations as units. Where what it misses was
 * written by an operation of which it read something else, it has seen that one in part: FracturedRead.
 */
export function findStaleOrFracturedReads(graph: CausalGraph, order: CausalOrder): Finding[] {
  return findStaleReads(graph, order).map((finding) => fractured(graph, order, finding) ?? finding);
}

function fractured(graph: CausalGraph, order: CausalOrder, { stale }: StaleFinding): Finding | undefined {
  const { read, returned, candidates } = stale;
  if (candidates.length > 0) return undefined;
  const isNewer = (node: number | undefined): node is number =>
    node !== undefined &&
    graph.writesKey(node, read.key) &&
    (returned === undefined || order.precedes(returned, node));
  for (const seen of graph.readsOf(read.node)) {
    const writer = seen.sources.map((source) => graph.writerOf(source)).find(isNewer);
    if (seen.key !== read.key && writer !== undefined) return findingOf(graph, stale, seen, writer);
  }
  return undefined;
}

function findingOf(graph: CausalGraph, { read, returned }: Stale, seen: GraphRead, writer: number): Finding {
  const older = returned === undefined ? [] : [returned];
  return {
    pattern: 'FracturedRead',
    graph,
    nodes: [read.node, writer, ...older],
    paths: older.map((node) => [node, writer]),
    misses: [[writer, read.node]],
    explain: () => {
      const { flat } = graph.attributed;
      const both = `${describeReturned(flat, seen.access)} and ${describeReturned(flat, read.access)}`;
      const missed = describeWriteOf(graph, writer, read.key);
      return `${sessionName(graph, read.node)} read ${both} in one operation, although ${missed} was written together with the first`;
    },
  };
}
