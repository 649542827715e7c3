import type { NodeName } from '../../core/ids.js';
import type { SeededRandom } from './seededRandom.js';

/** What of the traffic in one direction is cut: the requests only, or also the answers to requests of the other direction. */
export type CutKind = 'requests' | 'everything';

/** One way. */
export interface Cut {
  readonly source: NodeName;
  readonly target: NodeName;
  readonly kind: CutKind;
}

/**
 * - oneWay, bothWays: one connection, in one direction or both
 * - alone: one node from all others
 * - halves: two groups from each other
 * - ring: each node has only its two neighbours
 * - bridge: two groups that have one node in common
 */
export const partitionShapes = ['oneWay', 'bothWays', 'alone', 'halves', 'ring', 'bridge'] as const;
export type PartitionShape = (typeof partitionShapes)[number];

/**
 * The cuts that make a partition; by chance, which nodes are where.
 * @param nodes - at least two; what has no room for a shape gets none of its cuts
 */
export function partition(
  shape: PartitionShape,
  nodes: readonly NodeName[],
  kind: CutKind,
  random: SeededRandom,
): Cut[] {
  const order = random.shuffled(nodes);
  const middle = order.length < 2 ? 0 : random.between(1, order.length - 1);
  const connects = connections[shape](order.length, middle);
  return order.flatMap((source, from) =>
    order.flatMap((target, to) => (from === to || connects(from, to) ? [] : [{ source, target, kind }])),
  );
}

/** Whether there is a way from one place in the order to another; `middle` is one from 1 to the last. */
type Connects = (from: number, to: number) => boolean;

const connections: Record<PartitionShape, (nodes: number, middle: number) => Connects> = {
  oneWay: () => (from, to) => !(from === 0 && to === 1),
  bothWays: () => (from, to) => from + to !== 1,
  alone: () => (from, to) => from !== 0 && to !== 0,
  halves: (_, middle) => (from, to) => from < middle === to < middle,
  ring: (nodes) => (from, to) => [1, nodes - 1].includes(Math.abs(from - to)),
  // The first node belongs to both groups; neither is empty where there are three nodes.
  bridge: (nodes, middle) => {
    const last = Math.min(middle, nodes - 2);
    return (from, to) => from === 0 || to === 0 || from <= last === to <= last;
  },
};
