import { KvcError } from '../errors.js';
import type { NodeNames } from './parseTarget.js';

/**
 * The groups of a partition, with full names: `node1 node2,node3`, or `1 2,3` for short.
 * @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN
 */
export function parseGroups(words: readonly string[], names: NodeNames): string[][] {
  const groups = words.map((word) => word.split(',').map((node) => nameOf(node, word, names)));
  const all = groups.flat();
  const twice = all.find((node, index) => all.indexOf(node) !== index);
  if (twice === undefined) return groups;
  throw new KvcError('KVC_E_USAGE', `${twice} is given twice; a node can be in one group only`);
}

function nameOf(node: string, word: string, names: NodeNames): string {
  if (node !== '') return names.resolveNode(node).name;
  throw new KvcError(
    'KVC_E_USAGE',
    `${JSON.stringify(word.slice(0, 80))} is no group; write names with commas between them, as in node2,node3`,
  );
}
