import type { Written } from './entry.js';
import type { WriteCallOptions } from './options.js';

/** Writes that are one update: visible whole or not at all, at every node. */
export interface Batch {
  set(key: string, value: unknown, options?: { readonly ttlMs?: number }): this;
  delete(key: string): this;
  increment(key: string, by?: number): this;
  decrement(key: string, by?: number): this;
  add(key: string, members: readonly (string | Uint8Array)[]): this;
  remove(key: string, members: readonly (string | Uint8Array)[]): this;
  /** Once: a batch that was committed is used up. */
  commit(options?: WriteCallOptions): Promise<Written>;
}
