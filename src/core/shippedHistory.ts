import type { KvcError } from '../errors.js';
import { counterOf, type VersionVector } from './clock/versionVector.js';
import type { ReplicaId } from './ids.js';
import { dataLost } from './refusals.js';

/**
 * What others may know of a replica's own updates, and whether one of them knows more: then the replica's history was lost
 * or set back, and its next counters are in use already.
 */
export class ShippedHistory {
  readonly #self: ReplicaId;
  #shipped: number;
  #lost: { readonly claimed: number; readonly known: number } | undefined;

  /** @param recovered - the replica's last own counter on opening */
  constructor(self: ReplicaId, recovered: number) {
    this.#self = self;
    this.#shipped = recovered;
  }

  /** Own updates up to here may be known elsewhere: recovered, or shipped since. */
  note(counter: number): void {
    this.#shipped = Math.max(this.#shipped, counter);
  }

  /** Compares with what a peer has. What it claims beyond what was ever shipped is never forgotten. */
  compare(claimed: VersionVector): void {
    const counter = counterOf(claimed, this.#self);
    if (counter > this.#shipped) this.#lost ??= { claimed: counter, known: this.#shipped };
  }

  /** Why no write can be given a dot; undefined if one can. */
  refusal(): KvcError | undefined {
    return this.#lost && dataLost(this.#self, this.#lost.claimed, this.#lost.known);
  }
}
