import { setImmediate } from 'node:timers/promises';
import { compareKeys } from '../keyOrder.js';
import type { OrderedTable, TableRange } from '../orderedTable.js';
import { openRecord, sealRecord } from '../sealedRecord.js';
import type { Change, LmdbDatabase } from './environment.js';
import { Overlay } from './overlay.js';
import { reading } from './lmdbFailure.js';

export interface Codec<Value> {
  readonly encode: (value: Value) => Uint8Array;
  /** The value shares no memory with `content`. */
  readonly decode: (content: Uint8Array) => Value;
  /** How much memory a value takes, roughly. */
  readonly bytesOf: (value: Value) => number;
}

/** How many changes are encoded before other work gets its turn. */
const changesPerTurn = 250;

/** One ordered database of lmdb, by the UTF-8 bytes of its keys, under the overlay of what checkpoints are yet to write. */
export class LmdbTable<Value> implements OrderedTable<Value> {
  readonly database: LmdbDatabase;
  readonly #codec: Codec<Value>;
  readonly #overlay: Overlay<Value>;
  #size: number;
  /** What was last read or set: each step of a write looks at the same key. */
  #lastKey: string | undefined;
  #last: Value | undefined;

  constructor(database: LmdbDatabase, codec: Codec<Value>) {
    this.database = database;
    this.#codec = codec;
    this.#overlay = new Overlay(codec.bytesOf);
    this.#size = storedEntries(database);
  }

  get size(): number {
    return this.#size;
  }

  get dirtyKeys(): number {
    return this.#overlay.dirtyKeys;
  }

  get dirtyBytes(): number {
    return this.#overlay.dirtyBytes;
  }

  get(key: string): Value | undefined {
    return key === this.#lastKey ? this.#last : this.#keep(key, this.#read(key));
  }

  set(key: string, value: Value): void {
    if (!this.#has(key)) this.#size += 1;
    this.#overlay.set(key, value);
    this.#keep(key, value);
  }

  remove(key: string): void {
    if (!this.#has(key)) return;
    this.#size -= 1;
    this.#overlay.set(key, null);
    this.#keep(key, undefined);
  }

  scan(range: TableRange): [string, Value][] {
    const isWanted = (key: string): boolean => compareKeys(key, range.start) >= 0 && !range.endsAt(key);
    const changed = this.#overlay.keys(isWanted).sort(compareKeys).slice(0, range.limit);
    const stored = this.#stored(range);
    // The first `limit` keys of either are enough for the first `limit` keys of both.
    const keys = [...new Set([...changed, ...stored.keys()])].sort(compareKeys).slice(0, range.limit);
    return keys.map((key) => [key, this.#overlay.get(key) ?? this.#decoded(key, stored.get(key))]);
  }

  /** Begins a checkpoint of all that has changed. The oldest one ends by `drop` or `restore` (see `Overlay`). */
  freeze(): void {
    this.#overlay.freeze();
  }

  /** What the oldest checkpoint has to write. Encoding it takes turns with other work. */
  async encodeFrozen(): Promise<Change[]> {
    const changes: Change[] = [];
    for (const [key, value] of this.#overlay.oldest) {
      const bytes = Buffer.from(key);
      changes.push({ database: this.database, key: bytes, record: value && this.encode(bytes, value) });
      if (changes.length % changesPerTurn === 0) await setImmediate();
    }
    return changes;
  }

  drop(): void {
    this.#overlay.drop();
  }

  restore(): void {
    this.#overlay.restore();
  }

  /** To be called after records were changed beside the table. */
  recount(): void {
    this.#overlay.forgetStored();
    this.#lastKey = undefined;
    this.#size = storedEntries(this.database);
  }

  encode(key: Buffer, value: Value): Buffer {
    return sealRecord(key, this.#codec.encode(value));
  }

  /** @throws KvcError KVC_E_STORE_CORRUPT, KVC_E_FORMAT_UNKNOWN */
  decode(key: Buffer, record: Buffer): Value {
    return this.#codec.decode(openRecord(key, record));
  }

  #keep(key: string, value: Value | undefined): Value | undefined {
    this.#lastKey = key;
    this.#last = value;
    return value;
  }

  #read(key: string): Value | undefined {
    const changed = this.#overlay.get(key);
    if (changed !== undefined) return changed ?? undefined;
    const bytes = Buffer.from(key);
    const record = reading(() => this.database.get(bytes));
    if (record === undefined) return undefined;
    const value = this.decode(bytes, record);
    this.#overlay.keep(key, value);
    return value;
  }

  #has(key: string): boolean {
    if (key === this.#lastKey) return this.#last !== undefined;
    const changed = this.#overlay.get(key);
    if (changed !== undefined) return changed !== null;
    return reading(() => this.database.doesExist(Buffer.from(key)));
  }

  #decoded(key: string, record: Buffer = noBytes): Value {
    return this.decode(Buffer.from(key), record);
  }

  /** The stored records of the range in order, without those removed since, whether the overlay has newer ones or not. */
  #stored({ start, endsAt, limit }: TableRange): Map<string, Buffer> {
    const records = new Map<string, Buffer>();
    reading(() => {
      for (const { key, value } of this.database.getRange({ start: Buffer.from(start) })) {
        const text = key.toString();
        if (endsAt(text) || records.size === limit) break;
        if (this.#overlay.get(text) !== null) records.set(text, value);
      }
    });
    return records;
  }
}

const noBytes = Buffer.alloc(0);

export function storedEntries(database: LmdbDatabase): number {
  return (database.getStats() as { entryCount: number }).entryCount;
}
