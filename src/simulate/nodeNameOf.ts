import type { NodeName } from '../core/ids.js';

/** The nodes of a run are `node1`, `node2`, ... in the order in which they came. */
export function nodeNameOf(position: number): NodeName {
  return `node${position + 1}` as NodeName;
}
