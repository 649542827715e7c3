import type { Database } from 'lmdb';
import { setImmediate } from 'node:timers/promises';
import { compareKeys } from './keyOrder.js';
import { Overlay } from './overlay.js';

export interface Codec<Value> {
  readonly encode: (value: Value) => Buffer;
  /** The value shares no memory with `record`. */
  readonly decode: (record: Buffer) => Value;
}

export interface TableRange {
  /** Inclusive lower bound. */
  readonly start: string;
  /** Whether a key from `start` up belongs to the range. Those that do are all before those that end it. */
  readonly endsAt: (key: string) => boolean;
  readonly limit: number;
}

/** A key, and its record or null where it is removed. */
export type Change = readonly [Buffer, Buffer | null];

/** How many changes are encoded before other work gets its turn. */
const changesPerTurn = 250;

/** One ordered database of lmdb, by the UTF-8 bytes of its keys, under the overlay of what the next checkpoint writes. */
export class LmdbTable<Value> {
  readonly codec: Codec<Value>;
  readonly database: Database<Buffer, Buffer>;
  readonly #overlay = new Overlay<Value>();
  #frozen: ReadonlyMap<string, Value | null> = new Map();
  #entries: number;

  constructor(database: Database<Buffer, Buffer>, codec: Codec<Value>) {
    this.database = database;
    this.codec = codec;
    this.#entries = (database.getStats() as { entryCount: number }).entryCount;
  }

  get entries(): number {
    return this.#entries;
  }

  get dirtyKeys(): number {
    return this.#overlay.dirtyKeys;
  }

  get(key: string): Value | undefined {
    const changed = this.#overlay.get(key);
    if (changed !== undefined) return changed ?? undefined;
    const record = this.database.get(Buffer.from(key));
    return record && this.codec.decode(record);
  }

  set(key: string, value: Value): void {
    if (!this.#has(key)) this.#entries += 1;
    this.#overlay.set(key, value);
  }

  remove(key: string): void {
    if (!this.#has(key)) return;
    this.#entries -= 1;
    this.#overlay.set(key, null);
  }

  /** The entries of the range in order, at most `limit`. */
  scan(range: TableRange): [string, Value][] {
    const isWanted = (key: string): boolean => compareKeys(key, range.start) >= 0 && !range.endsAt(key);
    const changed = this.#overlay.keys(isWanted).sort(compareKeys).slice(0, range.limit);
    const stored = this.#stored(range);
    // The first `limit` keys of either are enough for the first `limit` keys of both.
    const keys = [...new Set([...changed, ...stored.keys()])].sort(compareKeys).slice(0, range.limit);
    return keys.map((key) => [key, this.#overlay.get(key) ?? this.codec.decode(stored.get(key) ?? noBytes)]);
  }

  /** Begins a checkpoint of all that has changed; it ends by `drop` or `restore` (see `Overlay`). */
  freeze(): void {
    this.#frozen = this.#overlay.freeze();
  }

  /** What the running checkpoint has to write. Encoding it takes turns with other work. */
  async encodeFrozen(): Promise<Change[]> {
    const changes: Change[] = [];
    for (const [key, value] of this.#frozen) {
      changes.push([Buffer.from(key), value === null ? null : this.codec.encode(value)]);
      if (changes.length % changesPerTurn === 0) await setImmediate();
    }
    return changes;
  }

  drop(): void {
    this.#frozen = new Map();
    this.#overlay.drop();
  }

  restore(): void {
    this.#frozen = new Map();
    this.#overlay.restore();
  }

  #has(key: string): boolean {
    const changed = this.#overlay.get(key);
    return changed === undefined ? this.database.doesExist(Buffer.from(key)) : changed !== null;
  }

  /** The stored records of the range in order, without those removed since, whether the overlay has newer ones or not. */
  #stored({ start, endsAt, limit }: TableRange): Map<string, Buffer> {
    const records = new Map<string, Buffer>();
    for (const { key, value } of this.database.getRange({ start: Buffer.from(start) })) {
      const text = key.toString();
      if (endsAt(text) || records.size === limit) break;
      if (this.#overlay.get(text) !== null) records.set(text, value);
    }
    return records;
  }
}

const noBytes = Buffer.alloc(0);
