import { counterOf, covers, emptyVector, mergeVectors, type VersionVector } from './clock/versionVector.js';

/** What one replica knows at a moment: the durable vectors of all members, its own among them. */
export interface Survey {
  readonly vectors: readonly VersionVector[];
  /** Counts changes of the membership as this replica knows it. */
  readonly membershipVersion: number;
  /** False while a replica that left may still have updates that not every member has. */
  readonly isSettled: boolean;
}

/** The component-wise minimum. */
export function commonPart(vectors: readonly VersionVector[]): VersionVector {
  const [first, ...others] = vectors;
  if (first === undefined) return emptyVector;
  const common = new Map(first);
  for (const [replica, counter] of first) {
    const least = others.reduce((minimum, other) => Math.min(minimum, counterOf(other, replica)), counter);
    if (least > 0) common.set(replica, least);
    else common.delete(replica);
  }
  return common;
}

/**
 * Causal stability, and what follows from it.
 *
 * `stable` is what every member has made durable. It does not suffice for forgetting a tombstone: a member may have written
 * a value before it delivered the delete, and where the tombstone is gone that value would come back. So `collectable`
 * lags behind: it is a `stable` of some moment, taken over once this replica has delivered everything that any member had
 * at that moment. What arrives later was written by someone who had delivered the delete, and its timestamp says so.
 *
 * It is void if the membership changed meanwhile. A replica that joined got its state from a member after that member had
 * delivered the joining: either the vectors taken contain the joining, and then this replica has delivered it by now, or
 * the state that was handed on contained all of the `stable` of that moment.
 */
export class Stability {
  #stable: VersionVector = emptyVector;
  #collectable: VersionVector = emptyVector;
  #candidate:
    | { readonly stable: VersionVector; readonly required: VersionVector; readonly membershipVersion: number }
    | undefined;

  get stable(): VersionVector {
    return this.#stable;
  }

  get collectable(): VersionVector {
    return this.#collectable;
  }

  /** @param delivered - what this replica has delivered */
  update(survey: Survey, delivered: VersionVector): void {
    this.#stable = commonPart(survey.vectors);
    if (!survey.isSettled || this.#candidate?.membershipVersion !== survey.membershipVersion)
      this.#candidate = undefined;
    if (!survey.isSettled) return;
    this.#candidate ??= {
      stable: this.#stable,
      required: survey.vectors.reduce(mergeVectors, emptyVector),
      membershipVersion: survey.membershipVersion,
    };
    if (!covers(delivered, this.#candidate.required)) return;
    // What could be forgotten once stays so, although a new member may know of less.
    this.#collectable = mergeVectors(this.#collectable, this.#candidate.stable);
    this.#candidate = undefined;
  }
}
