import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { deletion, deleteUnder, readMany, writeMany, type PlugWrite } from '../client/plugs/manyKeys.js';
import { PlugClient } from '../client/plugs/plugClient.js';
import { bytesOfText, textOfBytes } from '../client/plugs/text.js';
import type { Entry } from '../client/library/entry.js';
import type { KvcClient } from '../client/library/kvcClient.js';
import type { ConnectOptions } from '../client/library/options.js';
import { KvcError } from '../errors.js';
import { ttlMsOf } from './ttlMs.js';

/** What a `KvcKeyv` does with its keys. */
export interface KvcKeyvOptions {
  /**
   * What stands before all keys of the adapter in kvc, with a colon behind it; before the namespace of Keyv itself, which is `keyv`
   * unless it is told another one. Default: nothing.
   */
  readonly namespace?: string;
}

/** One of many values to set. */
export interface KvcKeyvEntry {
  /** With the namespace of the Keyv before it. */
  readonly key: string;
  /** What Keyv made of the value: text. */
  readonly value: unknown;
  /** After how many ms it expires. Default: never. */
  readonly ttl?: number;
}

/** What Keyv's code does with the answer of `setMany`, to give it to its caller, and what its types say, which is that there is none. */
export type AnswerOfSetMany = Promise<true[]> & ReturnType<NonNullable<KeyvStoreAdapter['setMany']>>;

/**
 * Keeps what a Keyv holds in kvc. Each Keyv takes an adapter of its own, for it tells the adapter its namespace; many adapters can
 * share a client.
 *
 * - A value is stored as the text that Keyv makes of it. With a `ttl` it expires in kvc, too, which frees its place.
 * - All that one adapter does is in the session of its client: it finds what it has written, whichever node it asks.
 * - `set` replaces what the session has seen. Of values that are set at the same time at two nodes the later one is shown, and the
 *   next `set` or `delete` that has seen them replaces both.
 * - Keys have at most 1 KiB, namespaces included, and values 1 MiB, both in UTF-8.
 * - A failure of `get`, `getMany`, `has`, `hasMany` or `iterator` is an `error` event of the adapter, and so of the Keyv, besides
 *   being thrown; of the others Keyv makes the event itself. Every failure is a KvcError.
 *
 * @example
 * ```ts
 * import Keyv from 'keyv';
 * import { connect } from 'kvc';
 * import { KvcKeyv } from 'kvc/keyv';
 *
 * const client = await connect({ nodes: ['http://127.0.0.1:7101'] });
 * const users = new Keyv({ store: new KvcKeyv(client), namespace: 'users', ttl: 60_000 });
 * await users.set('ada', { name: 'Ada' });
 * ```
 */
export class KvcKeyv extends EventEmitter implements KeyvStoreAdapter {
  /** Read by Keyv 5, which iterates only over stores whose kind it knows: of those, etcd is the most like kvc. */
  readonly opts: Record<string, unknown> = { dialect: 'etcd' };
  /** The namespace of the Keyv, which sets it, and puts it before the keys that it asks for. */
  namespace: string | undefined;
  readonly #client: PlugClient;
  /** Before all keys in kvc. */
  readonly #prefix: string;

  /**
   * @param client - a client, which stays open when the Keyv is disconnected; or how to connect, which is done at the first use
   *
   * @example
   * ```ts
   * const store = new KvcKeyv({ nodes: ['http://127.0.0.1:7101'] }, { namespace: 'cache' });
   * ```
   */
  constructor(client: KvcClient | ConnectOptions, options: KvcKeyvOptions = {}) {
    super();
    this.#client = new PlugClient(client);
    this.#prefix = options.namespace === undefined ? '' : `${options.namespace}:`;
  }

  /**
   * The value of a key; undefined where there is none.
   * @throws KvcError KVC_E_KEY_INVALID; KVC_E_TYPE_MISMATCH for a counter or set; KVC_E_CODEC for what is no text; and those of
   * `KvcClient.get`
   * @example
   * ```ts
   * await store.get('keyv:ada'); // '{"value":{"name":"Ada"}}'
   * ```
   */
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return this.#reporting(async (client) => valueOf<Value>(await client.get(this.#stored(key))));
  }

  /**
   * The values of keys, in their order. Up to 1024 of them are of one instant.
   * @throws KvcError as `get`
   * @example
   * ```ts
   * const [ada, bob] = await store.getMany(['keyv:ada', 'keyv:bob']);
   * ```
   */
  async getMany<Value>(keys: string[]): Promise<Array<StoredData<Value | undefined>>> {
    return this.#reporting(async (client) => {
      const entries = await readMany(
        client,
        keys.map((key) => this.#stored(key)),
      );
      return entries.map((entry) => valueOf<Value>(entry));
    });
  }

  /**
   * Sets a value.
   * @param ttl - after how many ms it expires; default: never
   * @returns true
   * @throws KvcError KVC_E_KEY_INVALID, KVC_E_VALUE_TOO_LARGE; KVC_E_CODEC for what is no text; and those of `KvcClient.set`
   * @example
   * ```ts
   * await store.set('keyv:ada', '{"value":1}', 60_000);
   * ```
   */
  async set(key: string, value: unknown, ttl?: number): Promise<true> {
    const client = await this.#client.open();
    const ttlMs = ttlMsOf(ttl);
    await client.set(this.#stored(key), bytesOfText(value), ttlMs === undefined ? {} : { ttlMs });
    return true;
  }

  /**
   * Sets values. All of them are visible together or not at all, at every node, as long as they are at most 1024 and 4 MiB; more are
   * written in several such parts. Of a key that is in it twice the last value counts.
   * @returns true for each of them
   * @throws KvcError as `set`
   * @example
   * ```ts
   * await keyv.setMany([{ key: 'ada', value: 1 }, { key: 'bob', value: 2, ttl: 60_000 }]); // [true, true]
   * ```
   */
  setMany(entries: readonly KvcKeyvEntry[]): AnswerOfSetMany {
    return this.#setMany(entries) as AnswerOfSetMany;
  }

  /**
   * Deletes a key.
   * @returns whether it had a value. Two that delete it at the same time at two nodes may both be told so.
   * @throws KvcError KVC_E_KEY_INVALID, and those of `KvcClient.delete`
   * @example
   * ```ts
   * if (await keyv.delete('ada')) console.log('it is gone');
   * ```
   */
  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /**
   * Deletes keys: up to 1024 of them together or not at all.
   * @returns whether all of them had values
   * @throws KvcError as `delete`
   * @example
   * ```ts
   * await keyv.delete(['ada', 'bob']);
   * ```
   */
  async deleteMany(keys: string[]): Promise<boolean> {
    const client = await this.#client.open();
    const entries = await readMany(client, [...new Set(keys.map((key) => this.#stored(key)))]);
    // What was read is seen, so that the delete takes all of it away, siblings included.
    const there = entries.filter(isThere);
    await writeMany(
      client,
      there.map(({ key }) => deletion(key)),
    );
    return there.length === entries.length;
  }

  /**
   * Deletes all keys of the namespace, page by page, each of up to 1024 keys together or not at all. What is set meanwhile may stay.
   * @throws KvcError KVC_E_BAD_REQUEST where there is no namespace: it would empty the whole cluster; and those of `KvcClient`
   * @example
   * ```ts
   * await keyv.clear();
   * ```
   */
  async clear(): Promise<void> {
    const prefix = this.#prefixOf(this.namespace);
    if (prefix === '') throw withoutNamespace();
    await deleteUnder(await this.#client.open(), prefix);
  }

  /**
   * Whether a key has a value.
   * @throws KvcError KVC_E_KEY_INVALID, and those of `KvcClient.get`
   * @example
   * ```ts
   * await keyv.has('ada'); // true
   * ```
   */
  async has(key: string): Promise<boolean> {
    return this.#reporting(async (client) => isThere(await client.get(this.#stored(key))));
  }

  /**
   * Whether keys have values, in their order. Up to 1024 of them are of one instant.
   * @throws KvcError as `has`
   * @example
   * ```ts
   * await keyv.has(['ada', 'bob']); // [true, false]
   * ```
   */
  async hasMany(keys: string[]): Promise<boolean[]> {
    return this.#reporting(async (client) => {
      const entries = await readMany(
        client,
        keys.map((key) => this.#stored(key)),
      );
      return entries.map(isThere);
    });
  }

  /**
   * All keys of a namespace with their values, in the order of the keys, page by page, each page of one instant. The keys have the
   * namespace before them, which Keyv takes away.
   * @throws KvcError as `get`
   * @example
   * ```ts
   * for await (const [key, value] of keyv.iterator()) console.log(key, value);
   * ```
   */
  async *iterator<Value>(
    namespace: string | undefined = this.namespace,
  ): AsyncGenerator<[string, Awaited<Value> | undefined], void> {
    try {
      const client = await this.#client.open();
      for await (const entry of client.list({ prefix: this.#prefixOf(namespace) })) {
        const value = valueOf<Value>(entry) as Awaited<Value> | undefined;
        yield [entry.key.slice(this.#prefix.length), value];
      }
    } catch (error) {
      throw this.#reported(error);
    }
  }

  /**
   * Ends what runs, and the connections if the adapter made them. It is of no use then.
   * @example
   * ```ts
   * await keyv.disconnect();
   * ```
   */
  async disconnect(): Promise<void> {
    await this.#client.close();
  }

  async #setMany(entries: readonly KvcKeyvEntry[]): Promise<true[]> {
    const client = await this.#client.open();
    const writes = entries.map(({ key, value, ttl }): [string, PlugWrite] => {
      const stored = this.#stored(key);
      return [stored, { key: stored, value: bytesOfText(value), ttlMs: ttlMsOf(ttl) }];
    });
    await writeMany(client, [...new Map(writes).values()]);
    return entries.map(() => true);
  }

  /** How a key is called in kvc. Keyv leaves its namespace away with `useKeyPrefix: false`, and to the adapter. */
  #stored(key: string): string {
    const { namespace } = this;
    const isWhole = namespace === undefined || key.startsWith(`${namespace}:`);
    return `${this.#prefix}${isWhole ? key : `${namespace}:${key}`}`;
  }

  #prefixOf(namespace: string | undefined): string {
    return namespace === undefined ? this.#prefix : `${this.#prefix}${namespace}:`;
  }

  /** For what fails without a word of Keyv. */
  async #reporting<T>(work: (client: KvcClient) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#client.open());
    } catch (error) {
      throw this.#reported(error);
    }
  }

  #reported(error: unknown): unknown {
    if (this.listenerCount('error') > 0) this.emit('error', error);
    return error;
  }
}

function isThere({ value }: Entry): boolean {
  return value !== undefined;
}

/** Keyv reads the text itself: to it, what is stored is of the type that it makes of it. */
function valueOf<Value>({ key, value, type }: Entry): StoredData<Value> | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return textOfBytes(key, value) as StoredData<Value>;
  throw new KvcError('KVC_E_TYPE_MISMATCH', `${JSON.stringify(key)} holds a ${type}`, { key, type });
}

function withoutNamespace(): KvcError {
  const message = 'clear would empty the whole cluster: give the Keyv or the KvcKeyv a namespace';
  return new KvcError('KVC_E_BAD_REQUEST', message);
}
