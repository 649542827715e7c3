import { KvcError } from '../errors.js';
import type { LinkJson, PartitionJson } from './controlApi.js';

export interface PlannedPartition {
  /** `node1 | node2,node3`, or `ring node1,node2,...`. */
  readonly target: string;
  /** What is cut. */
  readonly links: readonly LinkJson[];
}

/**
 * Which links a partition cuts.
 * @param nodes - those of the cluster, in order; the groups name no others
 * @throws KvcError KVC_E_BAD_REQUEST for a node given twice, KVC_E_STATE_CONFLICT if nothing is cut
 */
export function planPartition(partition: PartitionJson, nodes: readonly string[]): PlannedPartition {
  if ('groups' in partition) return planGroups(withRest(partition.groups, nodes), nodes);
  switch (partition.shape) {
    case 'one':
      return planGroups(splitAt(nodes.length - 1, nodes), nodes);
    case 'halves':
      return planGroups(splitAt(Math.floor(nodes.length / 2), nodes), nodes);
    case 'ring':
      return planRing(nodes);
  }
}

function planGroups(groups: readonly (readonly string[])[], nodes: readonly string[]): PlannedPartition {
  const groupOf = (node: string) => groups.findIndex((group) => group.includes(node));
  const links = linksBetween(nodes, (source, target) => groupOf(source) !== groupOf(target));
  if (links.length === 0) throw conflict('this partition cuts nothing: all nodes are in one group');
  return { target: groups.map((group) => group.join(',')).join(' | '), links };
}

function planRing(nodes: readonly string[]): PlannedPartition {
  const links = linksBetween(nodes, (source, target) => {
    const steps = Math.abs(nodes.indexOf(source) - nodes.indexOf(target));
    return steps !== 1 && steps !== nodes.length - 1;
  });
  if (links.length > 0) return { target: `ring ${nodes.join(',')}`, links };
  throw conflict(
    `a ring of ${nodes.length} cuts nothing: it takes 4 nodes, for in a smaller one each is next to all others`,
  );
}

function splitAt(count: number, nodes: readonly string[]): (readonly string[])[] {
  return [nodes.slice(0, count), nodes.slice(count)];
}

function withRest(groups: readonly (readonly string[])[], nodes: readonly string[]): (readonly string[])[] {
  const named = groups.flat();
  const twice = named.find((node, index) => named.indexOf(node) !== index);
  if (twice !== undefined) {
    throw new KvcError('KVC_E_BAD_REQUEST', `groups must have each node once, received ${twice} twice`);
  }
  const rest = nodes.filter((node) => !named.includes(node));
  return rest.length > 0 ? [...groups, rest] : [...groups];
}

function linksBetween(
  nodes: readonly string[],
  isCut: (source: string, target: string) => boolean,
): LinkJson[] {
  return nodes.flatMap((source) =>
    nodes
      .filter((target) => target !== source && isCut(source, target))
      .map((target) => ({ source, target })),
  );
}

function conflict(message: string): KvcError {
  return new KvcError('KVC_E_STATE_CONFLICT', message);
}
