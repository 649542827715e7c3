import { mergeVectors, withDot, type VersionVector } from './clock/versionVector.js';
import type { Dot } from './clock/dot.js';
import type { Membership } from './membership.js';
import { versionsMetBy } from './seen.js';
import type { Keyspace } from './state.js';
import { isIncrement, operationsByKey, type Operation } from './update.js';
import { dotsOf, observedDots } from './versions.js';

/** What writes meet at their keys: vectors of what a write is to have seen, with what is there and has to be among it. */
export class MetVersions {
  readonly #keys: Pick<Keyspace, 'get'>;
  readonly #membership: Membership;

  constructor(keys: Pick<Keyspace, 'get'>, membership: Membership) {
    this.#keys = keys;
    this.#membership = membership;
  }

  /**
   * A vector that is to stand for all that is delivered, although it does not name every replica, with what is at the keys of
   * these operations: else a write that depends on it would not replace what it does not name.
   */
  withVersionsAt(operations: readonly Operation[], vector: VersionVector): VersionVector {
    let whole = vector;
    for (const dot of this.#dotsAt(operations)) whole = withDot(whole, dot);
    return whole;
  }

  /**
   * A session's vector, with what is at the keys of these operations of replicas whose number of updates is settled. Every member has those
   * updates, so that tokens do not name them, whether or not the session has seen them: a write that did not replace them
   * would leave values of the departed beside it for ever.
   */
  withSettledAt(operations: readonly Operation[], vector: VersionVector): VersionVector {
    let whole = vector;
    if (!this.#membership.hasSettled) return whole;
    for (const dot of this.#dotsAt(operations))
      if (this.#membership.isSettled(dot.replica)) whole = withDot(whole, dot);
    return whole;
  }

  *#dotsAt(operations: readonly Operation[]): Generator<Dot> {
    for (const { key } of operations)
      for (const version of this.#keys.get(key) ?? []) yield* observedDots(version);
  }

  /**
   * A vector with what these operations are to have seen that change what merges: see `versionsMetBy`. An increment is to have
   * seen whatever all members have delivered, too, for some of that may be forgotten here and not elsewhere.
   * @param forgotten - what may be forgotten here and not elsewhere, without replicas that are shed
   */
  withMerged(
    operations: readonly Operation[],
    vector: VersionVector,
    forgotten: () => VersionVector,
  ): VersionVector {
    if (this.#meetNothing(operations)) return vector;
    let whole = operations.some(isIncrement) ? mergeVectors(vector, forgotten()) : vector;
    for (const [key, ofKey] of operationsByKey(operations)) {
      const isMet = versionsMetBy(ofKey);
      for (const version of this.#keys.get(key) ?? []) {
        if (!isMet(version)) continue;
        for (const dot of [...dotsOf(version), ...observedDots(version)]) whole = withDot(whole, dot);
      }
    }
    return whole;
  }

  /** Values over values, as most writes are. */
  #meetNothing(operations: readonly Operation[]): boolean {
    for (const { kind, key } of operations) {
      if (kind !== 'put' && kind !== 'delete') return false;
      for (const version of this.#keys.get(key) ?? []) if (version.kind !== undefined) return false;
    }
    return true;
  }
}
