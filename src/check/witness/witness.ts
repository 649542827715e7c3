import { restrict } from '../attribution/attribute.js';
import { at } from '../attribution/flatHistory.js';
import type { Finding, Pair } from './finding.js';
import { shortestPath, type Step, withoutInner } from '../order/paths.js';
import type { Anomaly, WitnessEdge } from '../report.js';
import type { Attributed } from '../attribution/source.js';

/** Of all violations that were found, the witnesses of so many are made small, those that begin smallest. */
const triedMax = 5;

/** Of violations that follow from derived edges, so many are looked at: each of those edges needs a search of its own. */
const derivedMax = 20;

/** Larger ones are shown as they are: to take out one operation costs a judgement of the rest. */
const operationsMax = 300;

/** Finds what violates one level in a history. */
export type Judge = (attributed: Attributed) => readonly Finding[];

/**
 * The violation with the smallest witness, of those given. A witness begins as the operations that take part and those
 * on the shortest paths which show their order, or where these do not show it all of a small history; it loses one operation after the other as long as the rest, judged for
 * the same level, still shows the same pattern. What its reads returned is known from the whole history, so that a read
 * does not come out of thin air because its write was taken out.
 */
export function smallestAnomaly(attributed: Attributed, findings: readonly Finding[], judge: Judge): Anomaly {
  const starts = findings
    .filter(
      ({ derived }, index) => derived === undefined || index % Math.ceil(findings.length / derivedMax) === 0,
    )
    .map((finding) => ({ finding, operations: operationsOf(finding) }))
    .sort((a, b) => a.operations.length - b.operations.length)
    .slice(0, triedMax);
  const anomalies = starts.map(({ finding, operations }) => {
    const isShown = (part: readonly number[]): Finding | undefined =>
      judge(restrict(attributed, part)).find(({ pattern }) => pattern === finding.pattern);
    return anomalyOf(finding, operations, isShown);
  });
  const size = ({ witness }: Anomaly): number => witness.operations.length;
  return anomalies.reduce((best, each) => (size(each) < size(best) ? each : best));
}

function anomalyOf(
  finding: Finding,
  operations: readonly number[],
  isShown: (part: readonly number[]) => Finding | undefined,
): Anomaly {
  const { length } = finding.graph.attributed.flat.operations;
  let begun = operations;
  let shown = begun.length > operationsMax ? undefined : isShown(begun);
  if (shown === undefined && length <= operationsMax) {
    // Seldom does what takes part not show it by itself: then a small history is made smaller as a whole.
    begun = Array.from({ length }, (_, index) => index);
    shown = isShown(begun);
  }
  if (shown === undefined) return render(finding, operations);
  let kept = begun;
  for (const operation of begun) {
    const rest = kept.filter((each) => each !== operation);
    const still = rest.length === 0 ? undefined : isShown(rest);
    if (still === undefined) continue;
    shown = still;
    kept = rest;
  }
  return render(
    shown,
    kept.map((_, index) => index),
  );
}

/** `operations`: those of the finding's own history that are the witness. */
function render(finding: Finding, operations: readonly number[]): Anomaly {
  const { flat } = finding.graph.attributed;
  return {
    pattern: finding.pattern,
    explanation: finding.explain(),
    witness: {
      operations: operations.flatMap((each) => flat.operations[each] ?? []),
      edges: edgesOf(finding, operations),
    },
  };
}

/** In the order of the history. */
function operationsOf(finding: Finding): number[] {
  const { nodes } = partsOf(finding);
  const { operationOf } = finding.graph.layout;
  const operations = [...nodes].map((node) => at(operationOf, node));
  return [...new Set([...operations, ...(finding.operations ?? [])])].sort((a, b) => a - b);
}

/** All nodes that the violation needs, and the edges that were derived from reads. */
function partsOf({ graph, nodes, paths = [], cycle = [], derived, via = [] }: Finding): {
  nodes: ReadonlySet<number>;
  before: readonly Pair[];
} {
  const parts = new Set(nodes);
  const before: Pair[] = [];
  const explained = new Set<number>();
  const pending: number[] = [];
  const addSteps = (steps: readonly Step[]): void => {
    for (const { node, derivedEdge } of withoutInner(graph, steps)) {
      parts.add(node);
      if (derivedEdge !== undefined) pending.push(derivedEdge);
    }
  };
  const addPath = (from: number, to: number, over: readonly number[]): void => {
    let node = from;
    for (const edge of over) {
      const next = derived?.edges.from(edge) ?? node;
      addSteps(node === next ? [{ node }] : (shortestPath(graph, node, next) ?? []));
      node = derived?.edges.to(edge) ?? node;
      pending.push(edge);
    }
    addSteps(node === to ? [{ node }] : (shortestPath(graph, node, to) ?? []));
  };
  addSteps(cycle);
  for (const [from, to] of paths) addPath(from, to, via);
  for (let edge = pending.pop(); edge !== undefined; edge = pending.pop()) {
    const read = graph.reads[derived?.readOf(edge) ?? -1];
    if (explained.has(edge) || derived === undefined || read === undefined) continue;
    explained.add(edge);
    parts.add(read.node).add(derived.edges.to(edge));
    before.push([derived.edges.from(edge), derived.edges.to(edge)]);
    addPath(derived.edges.from(edge), read.node, derived.viaOf(edge));
  }
  return { nodes: parts, before };
}

function edgesOf(finding: Finding, operations: readonly number[]): WitnessEdge[] {
  const { graph, misses = [] } = finding;
  const { flat } = graph.attributed;
  const places = new Map(operations.map((operation, place) => [operation, place]));
  const edges = new Map<string, WitnessEdge>();
  const add = (kind: WitnessEdge['kind'], fromOperation: number, toOperation: number): void => {
    const from = places.get(fromOperation);
    const to = places.get(toOperation);
    if (from !== undefined && to !== undefined && from !== to)
      edges.set(`${kind} ${from} ${to}`, { from, to, kind });
  };
  const latest = new Map<string, number>();
  for (const index of operations) {
    const operation = flat.operations[index];
    const before = latest.get(operation?.session ?? '');
    if (operation === undefined || operation.status === 'fail') continue;
    if (before !== undefined) add('session', before, index);
    if (operation.status === 'ok') latest.set(operation.session, index);
    for (let access = at(flat.firstAccess, index); access < at(flat.firstAccess, index + 1); access += 1)
      for (const source of graph.attributed.sources[access] ?? [])
        if (source.kind === 'write' || source.kind === 'failed')
          add('reads', at(flat.operationOf, source.write), index);
  }
  const ofNodes = (kind: WitnessEdge['kind'], [from, to]: Pair): void =>
    add(kind, at(graph.layout.operationOf, from), at(graph.layout.operationOf, to));
  for (const pair of partsOf(finding).before) ofNodes('before', pair);
  for (const pair of misses) ofNodes('misses', pair);
  return [...edges.values()];
}
