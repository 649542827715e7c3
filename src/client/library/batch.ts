import type { Written } from './entry.js';
import type { WriteCallOptions } from './options.js';

/**
 * Writes that are one update: visible whole or not at all, at every node. Each method throws at once what is wrong with its write
 * (KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE, KVC_E_BAD_REQUEST), KVC_E_MESSAGE_TOO_LARGE beyond 1024 writes or 4 MiB of keys and values, and KVC_E_CLOSED
 * after `commit`.
 *
 * @example
 * ```ts
 * const batch = client.batch();
 * for (const item of items) batch.set(`item:${item.id}`, item);
 * await batch.increment('items', items.length).commit({ replicas: 2 });
 * ```
 */
export interface Batch {
  /**
   * Writes a value.
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE, KVC_E_BAD_REQUEST for the `ttlMs`, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.set('login:42', 'ada', { ttlMs: 60_000 });
   * ```
   */
  set(key: string, value: unknown, options?: { readonly ttlMs?: number }): this;

  /**
   * Deletes a key.
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.delete('login:42');
   * ```
   */
  delete(key: string): this;

  /**
   * Adds to a counter.
   *
   * @param by - an integer other than 0; default 1
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_BAD_REQUEST, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.increment('logins');
   * ```
   */
  increment(key: string, by?: number): this;

  /**
   * Subtracts from a counter.
   *
   * @param by - an integer other than 0; default 1
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_BAD_REQUEST, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.decrement('stock', 3);
   * ```
   */
  decrement(key: string, by?: number): this;

  /**
   * Adds members to a set; each is one write.
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE, KVC_E_BAD_REQUEST for no members, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.add('online', ['ada']);
   * ```
   */
  add(key: string, members: readonly (string | Uint8Array)[]): this;

  /**
   * Removes members from a set; each is one write.
   *
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_CODEC, KVC_E_VALUE_TOO_LARGE, KVC_E_BAD_REQUEST for no members, KVC_E_MESSAGE_TOO_LARGE or KVC_E_CLOSED
   *
   * @example
   * ```ts
   * batch.remove('online', ['ada']);
   * ```
   */
  remove(key: string, members: readonly (string | Uint8Array)[]): this;

  /**
   * Writes all of it. Once: a batch that was committed is used up, also if that failed.
   *
   * @throws KvcError what `KvcClient.set` throws; KVC_E_BAD_REQUEST when it is empty;
   * KVC_E_CLOSED the second time
   *
   * @example
   * ```ts
   * const { dot } = await batch.commit();
   * ```
   */
  commit(options?: WriteCallOptions): Promise<Written>;
}
