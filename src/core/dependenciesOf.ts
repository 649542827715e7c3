import type { VersionVector } from './clock/versionVector.js';
import type { Delivery } from './delivery.js';
import type { ReplicaId } from './ids.js';
import type { Operation } from './update.js';

export interface DependenciesParts {
  readonly self: ReplicaId;
  readonly delivery: Delivery;
  /** What is delivered of other replicas, without those that no vector needs to name. */
  readonly deliveredOfOthers: () => VersionVector;
  /** What may be forgotten here and not elsewhere, without replicas that no vector needs to name. */
  readonly forgotten: () => VersionVector;
}

/**
 * What a write is to have seen: what its session has, or without one all that is delivered; and of its keys besides what it has
 * to replace, or to merge with, whatever its session has seen.
 */
export function dependenciesOf(
  parts: DependenciesParts,
  context: VersionVector | undefined,
  operations: readonly Operation[],
): VersionVector {
  const { self, delivery, deliveredOfOthers, forgotten } = parts;
  if (context !== undefined) {
    return delivery.met.withMerged(operations, delivery.met.withSettledAt(operations, context), forgotten);
  }
  const { clock } = delivery;
  const others = deliveredOfOthers();
  const namesAll = others.size === (clock.has(self) ? clock.size - 1 : clock.size);
  if (namesAll) return others;
  return delivery.met.withMerged(operations, delivery.met.withVersionsAt(operations, others), forgotten);
}
