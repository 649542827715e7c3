import type { Write } from '../../check/history.js';
import type { Batch } from '../../client/library/batch.js';
import type { Codec } from '../../client/library/codec.js';
import type { Counted, Entry, KeyVersion, Written } from '../../client/library/entry.js';
import type { KeyListing, KvcClient } from '../../client/library/kvcClient.js';
import type {
  CallOptions,
  ListOptions,
  ResolveOptions,
  SetOptions,
  WatchOptions,
  WriteCallOptions,
} from '../../client/library/options.js';
import type { WatchEvent } from '../../client/library/watchEvents.js';
import { readOf, readOfEntry, writeOf } from './accesses.js';
import { RecordedBatch } from './recordedBatch.js';
import type { Begun, RecordedSession } from './recordedSession.js';

/** A client that does what another one does, and records it. */
export class RecordedClient implements KvcClient {
  readonly #inner: KvcClient;
  readonly #session: RecordedSession;

  constructor(inner: KvcClient, session: RecordedSession) {
    this.#inner = inner;
    this.#session = session;
  }

  get token(): string {
    return this.#inner.token;
  }

  get<Value = unknown>(key: string, options?: CallOptions): Promise<Entry<Value>> {
    return this.#session.record(async (begun) => {
      const entry = await this.#inner.get<Value>(key, options);
      this.#read(begun, [entry]);
      return entry;
    });
  }

  getMany<Value = unknown>(keys: readonly string[], options?: CallOptions): Promise<Entry<Value>[]> {
    return this.#session.record(async (begun) => {
      const entries = await this.#inner.getMany<Value>(keys, options);
      this.#read(begun, entries);
      return entries;
    });
  }

  siblings<Value = unknown>(key: string, options?: CallOptions): Promise<KeyVersion<Value>[]> {
    return this.#session.record(async (begun) => {
      const versions = await this.#inner.siblings<Value>(key, options);
      this.#session.log.look(versions.map((version) => ({ ...version, key })));
      begun.read([readOf(key, versions)]);
      return versions;
    });
  }

  set(key: string, value: unknown, options?: SetOptions): Promise<Written> {
    if (options?.ttlMs !== undefined) this.#session.log.leaveOut(key);
    return this.#write(writeOf(key, value), () => this.#inner.set(key, value, options));
  }

  delete(key: string, options?: WriteCallOptions): Promise<Written> {
    return this.#write(writeOf(key, undefined), () => this.#inner.delete(key, options));
  }

  batch(): Batch {
    return new RecordedBatch(this.#inner.batch(), this.#session);
  }

  /** Each attempt is a read of the siblings, and a write that replaces them. */
  resolve<Value = unknown>(
    key: string,
    merge: (siblings: readonly KeyVersion<Value>[]) => Value | Promise<Value>,
    options?: ResolveOptions,
  ): Promise<Entry<Value>> {
    return this.#session.record(async (begun) => {
      let attempted: Write | undefined;
      const recorded = async (siblings: readonly KeyVersion<Value>[]): Promise<Value> => {
        this.#session.log.look(siblings.map((version) => ({ ...version, key })));
        begun.read([readOf(key, siblings)]);
        attempted = undefined;
        const value = await merge(siblings);
        attempted = writeOf(key, value);
        return value;
      };
      return this.#resolved(
        begun,
        () => this.#inner.resolve(key, recorded, options),
        () => attempted,
      );
    });
  }

  increment(key: string, by?: number, options?: WriteCallOptions): Promise<Counted> {
    this.#session.log.leaveOut(key);
    return this.#inner.increment(key, by, options);
  }

  decrement(key: string, by?: number, options?: WriteCallOptions): Promise<Counted> {
    this.#session.log.leaveOut(key);
    return this.#inner.decrement(key, by, options);
  }

  add(key: string, members: readonly (string | Uint8Array)[], options?: WriteCallOptions): Promise<Written> {
    this.#session.log.leaveOut(key);
    return this.#inner.add(key, members, options);
  }

  remove(
    key: string,
    members: readonly (string | Uint8Array)[],
    options?: WriteCallOptions,
  ): Promise<Written> {
    this.#session.log.leaveOut(key);
    return this.#inner.remove(key, members, options);
  }

  list<Value = unknown>(options?: ListOptions): KeyListing<Value> {
    return this.#inner.list(options);
  }

  watch<Value = unknown>(prefix: string, options?: WatchOptions): AsyncIterable<WatchEvent<Value>> {
    return this.#inner.watch(prefix, options);
  }

  at(node: string): KvcClient {
    return new RecordedClient(this.#inner.at(node), this.#session);
  }

  /** What is written by one codec must not be read by another one: the check compares values. */
  withCodec(codec: Codec): KvcClient {
    return new RecordedClient(this.#inner.withCodec(codec), this.#session);
  }

  session(token?: string): KvcClient {
    return new RecordedClient(this.#inner.session(token), this.#session.fork());
  }

  advance(token: string): void {
    this.#inner.advance(token);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #read(begun: Begun, entries: readonly Entry[]): void {
    this.#session.log.look(entries.flatMap(versionsOf));
    begun.read(entries.map(readOfEntry), entries[0]?.node);
  }

  #write(write: Write, send: () => Promise<Written>): Promise<Written> {
    return this.#session.record(async (begun) => {
      try {
        const written = await send();
        begun.wrote([write], written.dot, written.node);
        return written;
      } catch (error) {
        begun.failed([write], error);
        throw error;
      }
    });
  }

  async #resolved<Value>(
    begun: Begun,
    resolve: () => Promise<Entry<Value>>,
    attempted: () => Write | undefined,
  ): Promise<Entry<Value>> {
    try {
      const entry = await resolve();
      const write = attempted();
      // Without siblings nothing is merged, and nothing written: what is returned was read.
      if (write === undefined || entry.dot === null) this.#read(begun, [entry]);
      else begun.wrote([write], entry.dot, entry.node);
      return entry;
    } catch (error) {
      const write = attempted();
      if (write !== undefined) begun.failed([write], error);
      throw error;
    }
  }
}

function versionsOf(entry: Entry): (Pick<KeyVersion, 'type' | 'expiresAt'> & Pick<Entry, 'key'>)[] {
  return [entry, ...entry.siblings.map((version) => ({ ...version, key: entry.key }))];
}
