import type { CausalGraph } from '../order/causalGraph.js';
import { componentsOf, type Components } from '../order/components.js';
import type { DerivedEdges } from '../order/derivedEdges.js';
import { describeReturned, describeSteps, describeWriteOf, sessionName } from '../witness/describe.js';
import { adjacencyOf } from '../order/edges.js';
import { at } from '../attribution/flatHistory.js';
import { type Finding, findingsMax } from '../witness/finding.js';
import { shortestPath, type Step } from '../order/paths.js';

/** A search through a component may pass all of the history, so few are made if no short cycle is seen at once. */
const searchesMax = 10;

/** The pattern CyclicCO: session order and reads-from have a cycle. */
export function findCausalCycles(graph: CausalGraph): Finding[] {
  const { edges, components, layout } = graph;
  if (components.count === layout.count) return [];
  const findings: Finding[] = [];
  for (let edge = 0; edge < edges.length && findings.length < searchesMax; edge += 1) {
    const from = edges.from(edge);
    const to = edges.to(edge);
    if (!isInside(components, from, to) || graph.isSessionEdge(from, to)) continue;
    const path = shortestPath(graph, to, from, { isAllowed: (node) => isInside(components, from, node) });
    if (path === undefined) continue;
    const cycle = [{ node: from }, ...path];
    const explain = (): string => `causal order has a cycle: ${describeSteps(graph, cycle)}`;
    findings.push({ pattern: 'CyclicCO', graph, nodes: [from, to], cycle, explain });
  }
  return findings;
}

/** Cycles of causal order and derived edges, at most `max`: no order of the writes agrees with all that was read. */
export function findDerivedCycles(
  graph: CausalGraph,
  derived: DerivedEdges,
  pattern: string,
  max = findingsMax,
): Finding[] {
  const { count } = graph.layout;
  if (derived.edges.length === 0) return [];
  const components = componentsOf(count, adjacencyOf(count, [graph.edges, derived.edges]));
  if (components.count === count) return [];
  const short = shortCycles(graph, derived, components, max);
  const cycles =
    short.length > 0 ? short : longCycles(graph, derived, components, Math.min(max, searchesMax));
  return cycles.map((cycle) => ({
    pattern,
    graph,
    nodes: [],
    cycle,
    derived,
    explain: () => explain(graph, derived, cycle),
  }));
}

/** Two edges one against the other, or one against causal order. */
function shortCycles(
  graph: CausalGraph,
  derived: DerivedEdges,
  components: Components,
  max: number,
): Step[][] {
  const cycles: Step[][] = [];
  for (let edge = 0; edge < derived.edges.length && cycles.length < max; edge += 1) {
    const from = derived.edges.from(edge);
    const to = derived.edges.to(edge);
    if (!isInside(components, from, to)) continue;
    const back = derived.of(to).find((each) => derived.edges.to(each) === from);
    const returning = graph.order?.precedes(to, from) === true ? shortestPath(graph, to, from) : undefined;
    if (returning !== undefined)
      cycles.push([{ node: from }, { node: to, derivedEdge: edge }, ...returning.slice(1)]);
    else if (back !== undefined && back > edge)
      cycles.push([{ node: from }, { node: to, derivedEdge: edge }, { node: from, derivedEdge: back }]);
  }
  return cycles;
}

function longCycles(
  graph: CausalGraph,
  derived: DerivedEdges,
  components: Components,
  max: number,
): Step[][] {
  const cycles: Step[][] = [];
  for (let edge = 0; edge < derived.edges.length && cycles.length < max; edge += 1) {
    const from = derived.edges.from(edge);
    const to = derived.edges.to(edge);
    if (!isInside(components, from, to)) continue;
    const isAllowed = (node: number): boolean => isInside(components, from, node);
    const path = shortestPath(graph, to, from, { derived, isAllowed });
    if (path !== undefined) cycles.push([{ node: from }, { node: to, derivedEdge: edge }, ...path.slice(1)]);
  }
  return cycles;
}

function isInside({ componentOf }: Components, a: number, b: number): boolean {
  return componentOf[a] === componentOf[b];
}

function explain(graph: CausalGraph, derived: DerivedEdges, cycle: readonly Step[]): string {
  const reasons = cycle.flatMap((step, index) => {
    const before = cycle[index - 1];
    return step.derivedEdge === undefined || before === undefined
      ? []
      : [explainEdge(graph, derived, step.derivedEdge)];
  });
  const order = cycle.map(({ node }, index) => (index === 0 || isWriter(graph, node) ? node : undefined));
  const named = order.flatMap((node) => (node === undefined ? [] : [describeWriteOf(graph, node)]));
  return `no order of the writes agrees with what was read: ${reasons.join('; ')}; so ${named.join(' before ')}`;
}

function explainEdge(graph: CausalGraph, derived: DerivedEdges, edge: number): string {
  const read = graph.reads[derived.readOf(edge)];
  if (read === undefined) return '';
  const first = describeWriteOf(graph, derived.edges.from(edge), read.key);
  const got = describeReturned(graph.attributed.flat, read.access);
  return `${sessionName(graph, read.node)} had ${first} before it and read ${got}`;
}

function isWriter(graph: CausalGraph, node: number): boolean {
  const { accesses } = graph.attributed.flat;
  return accesses
    .slice(at(graph.layout.accessFrom, node), at(graph.layout.accessTo, node))
    .some(({ kind }) => kind === 'write');
}
