import type { Witness } from '../../check/report.js';

/**
 * The same witness with its operations in the order in which people can follow it: a session's in its own order, and a
 * write before the reads that returned it, as far as the violation leaves such an order.
 */
export function orderWitness(witness: Witness): Witness {
  const order = orderOf(witness);
  const place = new Map(order.map((index, at) => [index, at]));
  return {
    operations: order.flatMap((index) => witness.operations[index] ?? []),
    edges: witness.edges.map(({ from, to, kind }) => ({
      from: place.get(from) ?? from,
      to: place.get(to) ?? to,
      kind,
    })),
  };
}

/** Each time the first one that waits for none of the rest; in a cycle, the first of the rest. */
function orderOf({ operations, edges }: Witness): number[] {
  const rest = new Set(operations.keys());
  const order: number[] = [];
  const isFree = (index: number) =>
    !edges.some(
      ({ from, to, kind }) => to === index && from !== index && kind === 'reads' && rest.has(from),
    ) &&
    !operations.some(
      (each, other) => other < index && rest.has(other) && each.session === operations[index]?.session,
    );
  while (rest.size > 0) {
    const next = [...rest].find(isFree) ?? Math.min(...rest);
    rest.delete(next);
    order.push(next);
  }
  return order;
}
