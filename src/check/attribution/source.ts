import type { FlatHistory } from './flatHistory.js';

/** Where a version that a read returned comes from. Writes are named by the number of their access. */
export type Source =
  | { readonly kind: 'write'; readonly write: number }
  /** The key as it was before anybody wrote to it. */
  | { readonly kind: 'initial' }
  /** Nobody wrote it; `named`: a write of that name, which wrote something else. */
  | { readonly kind: 'nowhere'; readonly named?: number }
  /** Of an operation that certainly did not happen. */
  | { readonly kind: 'failed'; readonly write: number }
  /** One of several writes of the same value. It proves nothing, and so does a level that no other read violates. */
  | { readonly kind: 'unknown' }
  /** An absent key, after one of these deletes, or before any write. It violates a level only if each of them would. */
  | { readonly kind: 'oneOf'; readonly deletes: readonly number[]; readonly orInitial: boolean };

/** A history of which it is known, as far as it can be, what every read saw. */
export interface Attributed {
  readonly flat: FlatHistory;
  /** By access, of each version that it returned; empty for a write, and for a read whose result counts for nothing. */
  readonly sources: readonly (readonly Source[])[];
  /** By operation: whether it took part. All that are ok did, none that failed, and of the others those that were seen. */
  readonly happened: Uint8Array;
  /** Two writes of different operations and different values that bear one name for one key. */
  readonly reusedName?: readonly [number, number];
}
