import type { Adjacency } from './edges.js';
import { at } from '../attribution/flatHistory.js';

/** The strongly connected components of a graph. */
export interface Components {
  /** By node. The component of an edge's target is never greater than that of its origin. */
  readonly componentOf: Int32Array;
  readonly count: number;
}

/**
 * Tarjan, "Depth-first search and linear graph algorithms" (SIAM J. Comput. 1972), with a stack of its own: a session of
 * a hundred thousand operations is a path of that length, deeper than any call stack. A graph is acyclic if it has as
 * many components as nodes, and these are then in reverse topological order.
 */
export function componentsOf(count: number, { start, targets }: Adjacency): Components {
  const componentOf = new Int32Array(count).fill(-1);
  const index = new Int32Array(count);
  const low = new Int32Array(count);
  const nextEdge = new Int32Array(count);
  const open: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let components = 0;

  const enter = (node: number): void => {
    visited += 1;
    index[node] = visited;
    low[node] = visited;
    nextEdge[node] = at(start, node);
    open.push(node);
    path.push(node);
  };
  const leave = (node: number): void => {
    path.pop();
    const parent = path[path.length - 1];
    if (parent !== undefined) low[parent] = Math.min(at(low, parent), at(low, node));
    if (low[node] !== index[node]) return;
    let member: number | undefined;
    do {
      member = open.pop();
      if (member !== undefined) componentOf[member] = components;
    } while (member !== node && member !== undefined);
    components += 1;
  };

  for (let root = 0; root < count; root += 1) {
    if (index[root] !== 0) continue;
    enter(root);
    for (let node = path[path.length - 1]; node !== undefined; node = path[path.length - 1]) {
      const edge = at(nextEdge, node);
      if (edge === at(start, node + 1)) {
        leave(node);
        continue;
      }
      nextEdge[node] = edge + 1;
      const target = at(targets, edge);
      if (index[target] === 0) enter(target);
      else if (componentOf[target] === -1) low[node] = Math.min(at(low, node), at(index, target));
    }
  }
  return { componentOf, count: components };
}
