import type { CausalGraph } from './causalGraph.js';
import type { DerivedEdges } from './derivedEdges.js';
import { at } from './flatHistory.js';

/** What a path may use: the derived edges with a number less than `limit`, and only nodes of which `isAllowed` is true. */
export interface PathOptions {
  readonly derived?: DerivedEdges;
  readonly limit?: number;
  readonly isAllowed?: (node: number) => boolean;
}

/** A step of a path, and the number of the derived edge that it takes, if it takes one. */
export interface Step {
  readonly node: number;
  readonly derivedEdge?: number;
}

/**
 * A path from one node to another with the fewest edges that are not of a session: however long a part of a session is,
 * its ends are all that a witness needs. Breadth-first, where the edges of a session cost nothing. Undefined: none.
 */
export function shortestPath(
  graph: CausalGraph,
  from: number,
  to: number,
  options: PathOptions = {},
): readonly Step[] | undefined {
  const { order, layout } = graph;
  const isOnWay = (node: number): boolean => order === undefined || node === to || order.precedes(node, to);
  const isAllowed = options.isAllowed ?? (options.derived === undefined ? isOnWay : () => true);
  const next = outgoing(graph, options);
  const cameBy = new Map<number, { from: number; derivedEdge?: number; cost: number }>();
  const done = new Set<number>();
  let frontier = [from];
  for (let cost = 0; frontier.length > 0; cost += 1) {
    const later: number[] = [];
    for (let node = frontier.pop(); node !== undefined; node = frontier.pop()) {
      if (done.has(node)) continue;
      done.add(node);
      for (const step of next(node)) {
        const target = step.node;
        const isFree = step.derivedEdge === undefined && layout.before(target) === node;
        const targetCost = isFree ? cost : cost + 1;
        if (done.has(target) && target !== from) continue;
        if (!isAllowed(target) || targetCost >= (cameBy.get(target)?.cost ?? Infinity)) continue;
        cameBy.set(target, { ...step, from: node, cost: targetCost });
        (isFree ? frontier : later).push(target);
      }
    }
    if ((cameBy.get(to)?.cost ?? Infinity) <= cost + 1) return backtrack(cameBy, from, to);
    frontier = later;
  }
  return undefined;
}

function backtrack(
  cameBy: ReadonlyMap<number, { from: number; derivedEdge?: number }>,
  from: number,
  to: number,
): Step[] {
  const steps: Step[] = [];
  let node = to;
  do {
    const came = cameBy.get(node);
    if (came === undefined) break;
    steps.push(came.derivedEdge === undefined ? { node } : { node, derivedEdge: came.derivedEdge });
    node = came.from;
  } while (node !== from);
  return [{ node: from }, ...steps.reverse()];
}

function outgoing(graph: CausalGraph, { derived, limit = Infinity }: PathOptions): (node: number) => Step[] {
  const { start, targets } = graph.successors;
  return (node) => {
    const steps: Step[] = [];
    for (let edge = at(start, node); edge < at(start, node + 1); edge += 1)
      steps.push({ node: at(targets, edge) });
    for (const edge of derived?.of(node) ?? [])
      if (edge < limit) steps.push({ node: derived?.edges.to(edge) ?? 0, derivedEdge: edge });
    return steps;
  };
}

/** Without what is only passed on the way through a session: the first and last step of each part of one. */
export function withoutInner(graph: CausalGraph, steps: readonly Step[]): readonly Step[] {
  const isJoined = (a: Step | undefined, b: Step | undefined): boolean =>
    a !== undefined && b !== undefined && b.derivedEdge === undefined && graph.isSessionEdge(a.node, b.node);
  return steps.filter(
    (step, index) => !(isJoined(steps[index - 1], step) && isJoined(step, steps[index + 1])),
  );
}
