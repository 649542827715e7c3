import type { Batch } from './batch.js';
import type { Codec } from './codec.js';
import type { Counted, Entry, KeyVersion, Written } from './entry.js';
import type {
  CallOptions,
  ListOptions,
  ResolveOptions,
  SetOptions,
  WatchOptions,
  WriteCallOptions,
} from './options.js';
import type { WatchEvent } from './watchEvents.js';

/** A client, which is a causal session across all nodes of its cluster. */
export interface KvcClient {
  /** What the session has seen; give it to another process, request or language to go on there. */
  readonly token: string;
  get<Value = unknown>(key: string, options?: CallOptions): Promise<Entry<Value>>;
  /** All keys as of one instant of one node. */
  getMany<Value = unknown>(keys: readonly string[], options?: CallOptions): Promise<Entry<Value>[]>;
  set(key: string, value: unknown, options?: SetOptions): Promise<Written>;
  delete(key: string, options?: WriteCallOptions): Promise<Written>;
  /** @param by - an integer; default 1 */
  increment(key: string, by?: number, options?: WriteCallOptions): Promise<Counted>;
  decrement(key: string, by?: number, options?: WriteCallOptions): Promise<Counted>;
  /** Adds members to a set. */
  add(key: string, members: readonly (string | Uint8Array)[], options?: WriteCallOptions): Promise<Written>;
  /** Removes members from a set: what the node has of them. An addition that is concurrent stays. */
  remove(
    key: string,
    members: readonly (string | Uint8Array)[],
    options?: WriteCallOptions,
  ): Promise<Written>;
  batch(): Batch;
  list<Value = unknown>(options?: ListOptions): KeyListing<Value>;
  watch<Value = unknown>(prefix: string, options?: WatchOptions): AsyncIterable<WatchEvent<Value>>;
  /** All versions of a key, the winner first. */
  siblings<Value = unknown>(key: string, options?: CallOptions): Promise<KeyVersion<Value>[]>;
  /** Replaces all versions of a key by one, and begins again where the key changes meanwhile. Without siblings nothing is written. */
  resolve<Value = unknown>(
    key: string,
    merge: (siblings: readonly KeyVersion<Value>[]) => Value | Promise<Value>,
    options?: ResolveOptions,
  ): Promise<Entry<Value>>;
  /** The same session, always at one node. */
  at(node: string): KvcClient;
  /**
   * The same session, whose values become bytes and back by another codec.
   * @throws KvcError KVC_E_CLOSED
   * @example
   * ```ts
   * const raw = client.withCodec(bytesCodec);
   * await raw.set('image', await readFile('image.png'));
   * ```
   */
  withCodec(codec: Codec): KvcClient;
  /** A session of its own that has seen what this one has; or what the token has. */
  session(token?: string): KvcClient;
  /** The session has now seen what the token has. */
  advance(token: string): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Entries in the order of their keys, page by page; each page is of one instant. */
export interface KeyListing<Value = unknown> extends AsyncIterable<Entry<Value>> {
  /** To go on behind the last entry that was taken; undefined when there are no more. */
  readonly cursor: string | undefined;
}
