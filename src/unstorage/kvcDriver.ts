import type { Driver, TransactionOptions, Unwatch, WatchCallback } from 'unstorage';
import { deletion, deleteUnder, readMany, writeMany } from '../client/plugs/manyKeys.js';
import { PlugClient } from '../client/plugs/plugClient.js';
import { bytesOfText } from '../client/plugs/text.js';
import type { KvcClient } from '../client/library/kvcClient.js';
import { bytesOfRaw, itemOf, ttlMsOfOptions } from './itemValue.js';
import type { KvcDriverOptions } from './kvcDriverOptions.js';
import { metaOf, type KvcMeta } from './kvcMeta.js';
import { watchItems } from './watchItems.js';

/** A driver of unstorage, with all that it can do. */
export type KvcDriver = Driver<KvcDriverOptions, Promise<KvcClient>> &
  Required<
    Pick<
      Driver,
      | 'getItems'
      | 'getItemRaw'
      | 'setItem'
      | 'setItems'
      | 'setItemRaw'
      | 'removeItem'
      | 'clear'
      | 'watch'
      | 'dispose'
    >
  > & {
    /** What kvc knows of an item besides its value; null where there is none. */
    getMeta(key: string): Promise<KvcMeta | null>;
  };

/**
 * Keeps the items of an unstorage in kvc.
 *
 * - An item is stored as the text that unstorage makes of it, a raw one as its bytes; `kvc read` and HTTP show the same. Keys are
 *   those of unstorage, `users:ada`, with `base` before them; they have at most 1 KiB, and values 1 MiB, both in UTF-8.
 * - `setItem`, `setItemRaw` and `setItems` take the option `ttl` in seconds.
 * - `setItems` is visible whole or not at all, at every node, as long as it is at most 1024 items and 4 MiB; `getItems` of up to 1024
 *   items is of one instant. More are done in several such parts. `clear` deletes page by page.
 * - All that one driver does is in the session of its client: it finds what it has written, whichever node it asks.
 * - `watch` tells of the changes that anybody makes, at least once each, in causal order, and goes on at another node when its own one
 *   fails. It begins when its promise is fulfilled.
 * - `getMeta` has `size`, `ttl`, `expiresAt`, `dot` and `siblings`.
 * - `dispose` ends watches, and the connections if the driver made them.
 *
 * Failures are thrown as KvcError: KVC_E_KEY_INVALID, KVC_E_VALUE_TOO_LARGE, KVC_E_BAD_REQUEST for a `ttl` that is none, KVC_E_CODEC for a
 * raw item that is neither bytes nor text, or for `getItem` of bytes that are no text, KVC_E_CLOSED after `dispose`, and those of
 * the methods of `KvcClient`.
 *
 * @example
 * ```ts
 * import { createStorage } from 'unstorage';
 * import { connect } from 'kvc';
 * import { kvcDriver } from 'kvc/unstorage';
 *
 * const client = await connect({ nodes: ['http://127.0.0.1:7101'] });
 * const storage = createStorage({ driver: kvcDriver({ client, base: 'app' }) });
 * await storage.setItem('users:ada', { name: 'Ada' }, { ttl: 60 });
 * ```
 */
export function kvcDriver(options: KvcDriverOptions = {}): KvcDriver {
  const { client, base, ...connectOptions } = options;
  return new ItemStore(new PlugClient(client ?? connectOptions), options, base).driver();
}

/** What the driver does, key by key of unstorage. */
class ItemStore {
  readonly #client: PlugClient;
  readonly #options: KvcDriverOptions;
  /** Before all keys in kvc. */
  readonly #prefix: string;
  readonly #watches = new Set<AbortController>();

  constructor(client: PlugClient, options: KvcDriverOptions, base: string | undefined) {
    this.#client = client;
    this.#options = options;
    this.#prefix = base === undefined || base === '' ? '' : `${base}:`;
  }

  /** unstorage calls its functions without `this`. */
  driver(): KvcDriver {
    return {
      name: 'kvc',
      flags: { maxDepth: true, ttl: true },
      options: this.#options,
      getInstance: () => this.#client.open(),
      hasItem: async (key) => (await this.#read(key)).value !== undefined,
      getItem: async (key) => itemOf(await this.#read(key)),
      getItems: (items) => this.#getItems(items.map(({ key }) => key)),
      getItemRaw: async (key) => (await this.#read(key)).value ?? null,
      setItem: (key, value, options) => this.#set(key, bytesOfText(value), options),
      setItems: (items, options) => this.#setItems(items, options),
      setItemRaw: (key, value, options) => this.#set(key, bytesOfRaw(value), options),
      removeItem: (key) => this.#removeItem(key),
      getMeta: async (key) => metaOf(await this.#read(key), Date.now()),
      getKeys: (base, { maxDepth }) => this.#getKeys(base, maxDepth),
      clear: async (base) => deleteUnder(await this.#client.open(), this.#stored(base)),
      watch: (callback) => this.#watch(callback),
      dispose: () => this.#dispose(),
    };
  }

  #stored(key: string | undefined): string {
    return this.#prefix + (key ?? '');
  }

  async #read(key: string) {
    const client = await this.#client.open();
    return client.get(this.#stored(key));
  }

  async #getItems(keys: readonly string[]) {
    const client = await this.#client.open();
    const entries = await readMany(
      client,
      keys.map((key) => this.#stored(key)),
    );
    return entries.map((entry) => ({ key: this.#shown(entry.key), value: itemOf(entry) }));
  }

  async #set(key: string, value: Uint8Array, options: TransactionOptions): Promise<void> {
    const ttlMs = ttlMsOfOptions(options);
    const client = await this.#client.open();
    await client.set(this.#stored(key), value, ttlMs === undefined ? {} : { ttlMs });
  }

  async #setItems(
    items: readonly { key: string; value: string; options?: TransactionOptions }[],
    common: TransactionOptions | undefined,
  ): Promise<void> {
    const writes = items.map(({ key, value, options }) => ({
      key: this.#stored(key),
      value: bytesOfText(value),
      ttlMs: ttlMsOfOptions(options ?? common),
    }));
    const last = new Map(writes.map((write) => [write.key, write]));
    await writeMany(await this.#client.open(), [...last.values()]);
  }

  /** What was read is seen, so that the delete takes all of it away, siblings included. */
  async #removeItem(key: string): Promise<void> {
    const { value } = await this.#read(key);
    const client = await this.#client.open();
    if (value !== undefined) await writeMany(client, [deletion(this.#stored(key))]);
  }

  /** @param maxDepth - how many colons a key may have, in the terms of this driver */
  async #getKeys(base: string | undefined, maxDepth = Infinity): Promise<string[]> {
    const client = await this.#client.open();
    const keys: string[] = [];
    for await (const { key } of client.list({ prefix: this.#stored(base) })) {
      const shown = this.#shown(key);
      if (shown.split(':').length - 1 <= maxDepth) keys.push(shown);
    }
    return keys;
  }

  async #watch(callback: WatchCallback): Promise<Unwatch> {
    const controller = new AbortController();
    const client = await this.#client.open();
    this.#watches.add(controller);
    await watchItems(client, this.#prefix, controller.signal, (event, key) => {
      callback(event, this.#shown(key));
    });
    return () => this.#unwatch(controller);
  }

  #unwatch(controller: AbortController): void {
    this.#watches.delete(controller);
    controller.abort();
  }

  async #dispose(): Promise<void> {
    for (const controller of this.#watches) this.#unwatch(controller);
    await this.#client.close();
  }

  #shown(key: string): string {
    return key.slice(this.#prefix.length);
  }
}
