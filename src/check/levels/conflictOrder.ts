import { type CausalGraph, visitLatest } from '../order/causalGraph.js';
import type { CausalOrder } from '../order/causalOrder.js';
import { findDerivedCycles } from './cycles.js';
import { DerivedEdges } from '../order/derivedEdges.js';
import type { Finding } from '../witness/finding.js';

/**
 * Cycles of causal order and conflict order (cf): of two writes to a key the first is before the second if some read
 * returned the second, and had the first causally before it. Over single accesses this is the pattern CyclicCF of causal
 * convergence (Bouajjani et al., POPL 2017, table 2); over whole operations it is the axiom of causal consistency of
 * transactions (Biswas and Enea, OOPSLA 2019, section 2), whose order of commits must contain these edges.
 *
 * Of a read with siblings the winner is the second, and siblings are before it. What is in causal order already is not
 * added. Time and edges: O(n s) for n reads and s sessions, plus a binary search for each.
 */
export function findConflictCycles(graph: CausalGraph, order: CausalOrder, pattern: string): Finding[] {
  const conflicts = new DerivedEdges();
  graph.reads.forEach((read, number) => {
    const winner = graph.writerOf(read.sources[0]);
    if (winner === undefined) return;
    visitLatest(graph, order, read, (write) => {
      if (write !== winner && !order.precedes(write, winner)) conflicts.add(write, winner, number);
      return false;
    });
  });
  return findDerivedCycles(graph, conflicts, pattern);
}
