import type { CausalGraph } from './causalGraph.js';
import type { DerivedEdges } from './derivedEdges.js';
import { at } from '../attribution/flatHistory.js';

/** What a path may use besides causal order, and only nodes of which `isAllowed` is true. */
export interface PathOptions {
  readonly derived?: DerivedEdges;
  readonly isAllowed?: (node: number) => boolean;
}

/** A step of a path, and the number of the derived edge that it takes, if it takes one. */
export interface Step {
  readonly node: number;
  readonly derivedEdge?: number;
}

/**
 * A path from one node to another with the fewest edges that are not of a session: however long a part of a session is,
 * its ends are all that a witness needs. Breadth-first, where the edges of a session cost nothing. Causal order is enough
 * wherever it holds, for every derived edge has to be explained as well. Undefined: there is none.
 */
export function shortestPath(
  graph: CausalGraph,
  from: number,
  to: number,
  { derived, isAllowed }: PathOptions = {},
): readonly Step[] | undefined {
  const { order } = graph;
  if (order === undefined || (derived !== undefined && !order.precedes(from, to)))
    return search(graph, from, to, { derived, isAllowed: isAllowed ?? (() => true) });
  const isOnWay = (node: number): boolean => node === to || order.precedes(node, to);
  return search(graph, from, to, { derived: undefined, isAllowed: isOnWay });
}

/** What a search knows of each node; kept for the next one, for to clear them would cost as much as a short search. */
class Visits {
  readonly cost: Int32Array;
  readonly from: Int32Array;
  /** -1: none. */
  readonly derivedEdge: Int32Array;
  readonly #reachedIn: Int32Array;
  readonly #doneIn: Int32Array;
  #search = 0;

  constructor(count: number) {
    this.cost = new Int32Array(count);
    this.from = new Int32Array(count);
    this.derivedEdge = new Int32Array(count);
    this.#reachedIn = new Int32Array(count);
    this.#doneIn = new Int32Array(count);
  }

  begin(): void {
    this.#search += 1;
  }

  isReached(node: number): boolean {
    return this.#reachedIn[node] === this.#search;
  }

  isDone(node: number): boolean {
    return this.#doneIn[node] === this.#search;
  }

  finish(node: number): void {
    this.#doneIn[node] = this.#search;
  }

  /** False if it had been reached at no greater cost. */
  reach(node: number, from: number, cost: number, derivedEdge: number): boolean {
    if (this.isReached(node) && at(this.cost, node) <= cost) return false;
    this.#reachedIn[node] = this.#search;
    this.cost[node] = cost;
    this.from[node] = from;
    this.derivedEdge[node] = derivedEdge;
    return true;
  }
}

const visitsOf = new WeakMap<CausalGraph, Visits>();

interface Search {
  readonly derived: DerivedEdges | undefined;
  readonly isAllowed: (node: number) => boolean;
}

function search(
  graph: CausalGraph,
  from: number,
  to: number,
  { derived, isAllowed }: Search,
): Step[] | undefined {
  const visits = visitsOf.get(graph) ?? new Visits(graph.layout.count);
  visitsOf.set(graph, visits);
  visits.begin();
  const { start, targets } = graph.successors;
  let frontier = [from];
  for (let cost = 0; frontier.length > 0; cost += 1) {
    const later: number[] = [];
    for (let node = frontier.pop(); node !== undefined; node = frontier.pop()) {
      if (visits.isDone(node)) continue;
      visits.finish(node);
      for (let edge = at(start, node); edge < at(start, node + 1); edge += 1) {
        const target = at(targets, edge);
        if ((visits.isDone(target) && target !== to) || !isAllowed(target)) continue;
        const isFree = graph.isSessionEdge(node, target);
        if (visits.reach(target, node, isFree ? cost : cost + 1, -1))
          (isFree ? frontier : later).push(target);
      }
      for (const edge of derived?.of(node) ?? []) {
        const target = derived?.edges.to(edge) ?? 0;
        if ((visits.isDone(target) && target !== to) || !isAllowed(target)) continue;
        if (visits.reach(target, node, cost + 1, edge)) later.push(target);
      }
    }
    if (visits.isReached(to)) return backtrack(visits, from, to);
    frontier = later;
  }
  return undefined;
}

function backtrack(visits: Visits, from: number, to: number): Step[] {
  const steps: Step[] = [];
  let node = to;
  do {
    const derivedEdge = at(visits.derivedEdge, node);
    steps.push(derivedEdge === -1 ? { node } : { node, derivedEdge });
    node = at(visits.from, node);
  } while (node !== from);
  return [{ node: from }, ...steps.reverse()];
}

/** Without what is only passed on the way through a session: the first and last step of each part of one. */
export function withoutInner(graph: CausalGraph, steps: readonly Step[]): readonly Step[] {
  const isJoined = (a: Step | undefined, b: Step | undefined): boolean =>
    a !== undefined && b !== undefined && b.derivedEdge === undefined && graph.isSessionEdge(a.node, b.node);
  return steps.filter(
    (step, index) => !(isJoined(steps[index - 1], step) && isJoined(step, steps[index + 1])),
  );
}
