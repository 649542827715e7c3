import type { BatchWriteJson } from '../../protocol/api.js';
import { badField } from '../../protocol/fields.js';
import type { Batch } from './batch.js';
import { checkOptions, optionNames, requireName } from './checkOptions.js';
import type { ClientParts } from './clientParts.js';
import type { Codec } from './codec.js';
import { commitWrites, writtenOf } from './commitWrites.js';
import { versionsOf } from './entryOf.js';
import type { Counted, Entry, KeyVersion, Written } from './entry.js';
import type { KeyListing, KvcClient } from './kvcClient.js';
import { Lifetime } from './lifetime.js';
import { Listing } from './listing.js';
import type {
  CallOptions,
  ListOptions,
  ResolveOptions,
  SetOptions,
  WatchOptions,
  WriteCallOptions,
} from './options.js';
import { readEntries, readEntry } from './readEntry.js';
import { resolveSiblings } from './resolveSiblings.js';
import type { WatchEvent } from './watchEvents.js';
import { Watching } from './watching.js';
import { WriteBatch } from './writeBatch.js';
import { deletionOf, incrementOf, membershipsOf, putOf } from './writeOf.js';

/** The client of `connect`, and those made from it, which share its connections. Its methods are described in KvcClient. */
export class CausalClient implements KvcClient {
  readonly #parts: ClientParts;
  /** Of the client that `connect` gave: ends the connections. */
  readonly #onClose: (() => Promise<void>) | undefined;

  constructor(parts: ClientParts, onClose?: () => Promise<void>) {
    this.#parts = parts;
    this.#onClose = onClose;
  }

  get token(): string {
    return this.#parts.session.token;
  }

  async get<Value = unknown>(key: string, options: CallOptions = {}): Promise<Entry<Value>> {
    checkOptions(options, optionNames.call);
    return readEntry<Value>(this.#parts, key, options);
  }

  async getMany<Value = unknown>(
    keys: readonly string[],
    options: CallOptions = {},
  ): Promise<Entry<Value>[]> {
    checkOptions(options, optionNames.call);
    return readEntries<Value>(this.#parts, keys, options);
  }

  async set(key: string, value: unknown, options: SetOptions = {}): Promise<Written> {
    checkOptions(options, optionNames.set);
    const write = putOf(this.#parts.codec, key, value, options.ttlMs);
    return writtenOf(this.#parts, await commitWrites(this.#parts, [write], options));
  }

  async delete(key: string, options: WriteCallOptions = {}): Promise<Written> {
    return this.#written([deletionOf(key)], options);
  }

  async increment(key: string, by = 1, options: WriteCallOptions = {}): Promise<Counted> {
    return this.#counted(incrementOf(key, by), options);
  }

  async decrement(key: string, by = 1, options: WriteCallOptions = {}): Promise<Counted> {
    return this.#counted(incrementOf(key, by, -1), options);
  }

  async add(
    key: string,
    members: readonly (string | Uint8Array)[],
    options: WriteCallOptions = {},
  ): Promise<Written> {
    return this.#written(membershipsOf('add', key, members), options);
  }

  async remove(
    key: string,
    members: readonly (string | Uint8Array)[],
    options: WriteCallOptions = {},
  ): Promise<Written> {
    return this.#written(membershipsOf('remove', key, members), options);
  }

  batch(): Batch {
    return new WriteBatch(this.#parts);
  }

  list<Value = unknown>(options: ListOptions = {}): KeyListing<Value> {
    return new Listing<Value>(this.#parts, options);
  }

  watch<Value = unknown>(prefix: string, options: WatchOptions = {}): AsyncIterable<WatchEvent<Value>> {
    return new Watching<Value>(this.#parts, prefix, options);
  }

  async siblings<Value = unknown>(key: string, options: CallOptions = {}): Promise<KeyVersion<Value>[]> {
    checkOptions(options, optionNames.call);
    return versionsOf(await readEntry<Value>(this.#parts, key, options));
  }

  async resolve<Value = unknown>(
    key: string,
    merge: (siblings: readonly KeyVersion<Value>[]) => Value | Promise<Value>,
    options: ResolveOptions = {},
  ): Promise<Entry<Value>> {
    checkOptions(options, optionNames.resolve);
    if (typeof merge !== 'function') throw badField('merge', 'a function', merge);
    return resolveSiblings(this.#parts, key, merge, options);
  }

  at(node: string): KvcClient {
    requireName(node);
    return this.#derived({ pinned: node });
  }

  withCodec(codec: Codec): KvcClient {
    return this.#derived({ codec });
  }

  session(token?: string): KvcClient {
    return this.#derived({ session: this.#parts.session.fork(token) });
  }

  advance(token: string): void {
    this.#parts.session.advance(token);
  }

  async close(): Promise<void> {
    this.#parts.lifetime.end();
    await this.#onClose?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #counted(write: BatchWriteJson, options: WriteCallOptions): Promise<Counted> {
    checkOptions(options, optionNames.write);
    const committed = await commitWrites(this.#parts, [write], options);
    return { ...writtenOf(this.#parts, committed), value: Number(committed.answer.writes[0]?.value) };
  }

  async #written(writes: readonly BatchWriteJson[], options: WriteCallOptions): Promise<Written> {
    checkOptions(options, optionNames.write);
    return writtenOf(this.#parts, await commitWrites(this.#parts, writes, options));
  }

  #derived(changes: Partial<ClientParts>): KvcClient {
    this.#parts.lifetime.requireOpen();
    return new CausalClient({ ...this.#parts, lifetime: new Lifetime(this.#parts.lifetime), ...changes });
  }
}
