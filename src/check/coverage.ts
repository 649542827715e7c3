import { type CausalGraph, visitLatest } from './order/causalGraph.js';
import { at } from './attribution/flatHistory.js';
import type { Coverage } from './report.js';
import type { Attributed } from './attribution/source.js';

/**
 * Counts what a history can prove. `graph` is of single accesses; without it nothing is known to be at risk. A read is at
 * risk if what comes before it in its session puts a write to its key causally before it: what it returned is not looked
 * at, for to have seen a write only by reading it is no risk.
 */
export function coverageOf(
  { flat, sources, happened }: Attributed,
  graph: CausalGraph | undefined,
): Coverage {
  const { operations, accesses } = flat;
  const indefinite = [...operations.keys()].filter((index) => operations[index]?.status === 'info');
  const finals = operations.filter(({ isFinal }) => isFinal);
  const isUnattributed = (versions: (typeof sources)[number]): boolean =>
    versions.some(({ kind }) => kind === 'unknown' || kind === 'oneOf');
  return {
    operations: operations.length,
    sessions: flat.sessions.length,
    keys: flat.keys.length,
    reads: accesses.filter(({ kind }) => kind === 'read').length,
    writes: accesses.filter(({ kind }) => kind === 'write').length,
    indefinite: indefinite.length,
    indefiniteSeen: indefinite.filter((index) => happened[index] === 1).length,
    ...(graph === undefined ? { readsAtRisk: 0, readsAtRiskOfOthers: 0 } : risksOf(graph)),
    readsUnattributed: sources.filter(isUnattributed).length,
    readsOfSiblings: accesses.filter((access) => access.kind === 'read' && access.returned.length > 1).length,
    finalReads: finals.reduce(
      (sum, each) => sum + each.accesses.filter(({ kind }) => kind === 'read').length,
      0,
    ),
    replicas: new Set(finals.map(({ replica }) => replica)).size,
  };
}

function risksOf(graph: CausalGraph): Pick<Coverage, 'readsAtRisk' | 'readsAtRiskOfOthers'> {
  const { order, layout } = graph;
  let readsAtRisk = 0;
  let readsAtRiskOfOthers = 0;
  if (order === undefined) return { readsAtRisk, readsAtRiskOfOthers };
  for (const { node, key } of graph.reads) {
    const before = layout.before(node);
    if (before === undefined) continue;
    const sessions = new Set<number>();
    const visit = (write: number): boolean => {
      sessions.add(at(layout.sessionOf, write));
      return sessions.size > 1;
    };
    // What comes directly before may itself be the write; only what is before a node is visited.
    if (graph.writesKey(before, key)) visit(before);
    visitLatest(graph, order, { key, node: before }, visit);
    if (sessions.size > 0) readsAtRisk += 1;
    sessions.delete(at(layout.sessionOf, node));
    if (sessions.size > 0) readsAtRiskOfOthers += 1;
  }
  return { readsAtRisk, readsAtRiskOfOthers };
}
