import type { CausalGraph, GraphRead } from '../order/causalGraph.js';
import type { Pair } from '../witness/finding.js';

/**
 * Of a read of an absent key, the deletes that it cannot have seen, for they are causally after it; each behind the read.
 * A witness needs them: without one it would not be known that it is after the read.
 */
export function laterDeletes({ layout, order }: CausalGraph, { node, sources }: GraphRead): Pair[] {
  return sources.flatMap((source): Pair[] => {
    if (source.kind !== 'oneOf') return [];
    return source.deletes.flatMap((each): Pair[] => {
      const deleting = layout.nodeOf[each] ?? -1;
      return deleting !== -1 && order?.precedes(node, deleting) === true ? [[node, deleting]] : [];
    });
  });
}
