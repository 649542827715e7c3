import { compareKeys } from '../keyOrder.js';
import type { OrderedTable, TableRange } from '../orderedTable.js';

/** Values by key, in the order of the UTF-8 bytes of the keys. Keys are put into their order when that is asked for. */
export class MemoryTable<Value> implements OrderedTable<Value> {
  #values = new Map<string, Value>();
  /** In order. It may still name keys that were removed: those before `#first`, and about `#removed` others. */
  #sorted: string[] = [];
  #first = 0;
  #removed = 0;
  /** Keys that are not in `#sorted`, or were not when they were set. */
  #added: string[] = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    const sizeBefore = this.#values.size;
    this.#values.set(key, value);
    if (this.#values.size > sizeBefore) this.#added.push(key);
  }

  remove(key: string): void {
    if (this.#values.delete(key)) this.#removed += 1;
  }

  scan({ start, endsAt, limit }: TableRange): (readonly [string, Value])[] {
    const found: (readonly [string, Value])[] = [];
    for (const entry of this.from(start)) {
      if (found.length === limit || endsAt(entry[0])) break;
      found.push(entry);
    }
    return found;
  }

  /** The entries from the key `start` up, in order. */
  *from(start: string): Generator<readonly [string, Value]> {
    const keys = this.#inOrder();
    for (let index = firstFrom(keys, start, this.#first); index < keys.length; index += 1) {
      const key = keys[index] ?? '';
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /** In order already: sorting all keys anew would hold up whatever else is to be done. */
  copy(): MemoryTable<Value> {
    const copy = new MemoryTable<Value>();
    copy.#sorted = this.#inOrder().slice(this.#first);
    copy.#removed = this.#removed;
    copy.#values = new Map(this.#values);
    return copy;
  }

  clear(): void {
    this.#values.clear();
    this.#sorted = [];
    this.#added = [];
    this.#first = 0;
    this.#removed = 0;
  }

  #inOrder(): readonly string[] {
    if (this.#added.length > 0) this.#insertAdded();
    this.#passRemoved();
    // Passing over a few costs less than closing the gaps each time.
    if (this.#removed * removedShare > this.#sorted.length - this.#first) {
      this.#keep(this.#sorted.filter((key) => this.#values.has(key)));
      this.#removed = 0;
    } else if (this.#first * 2 > this.#sorted.length) this.#keep(this.#sorted.slice(this.#first));
    return this.#sorted;
  }

  /** Sorts anew only what comes after the first added key: keys that rise, as request ids do, cost little. */
  #insertAdded(): void {
    const added = this.#added.sort(compareKeys);
    this.#added = [];
    const place = firstFrom(this.#sorted, added[0] ?? '', 0);
    // Of those passed over, what has a value again is among the added.
    const tail = this.#sorted.splice(place).slice(Math.max(0, this.#first - place));
    this.#first = Math.min(this.#first, place);
    for (const key of [...tail, ...added].sort(compareKeys)) {
      if (key !== this.#sorted.at(-1)) this.#sorted.push(key);
    }
  }

  /** Those that are removed first are often the first ones, as the oldest requests are. */
  #passRemoved(): void {
    for (let key = this.#sorted[this.#first]; key !== undefined && !this.#values.has(key);) {
      this.#removed -= 1;
      this.#first += 1;
      key = this.#sorted[this.#first];
    }
  }

  #keep(sorted: string[]): void {
    this.#sorted = sorted;
    this.#first = 0;
  }
}

/** Removed keys are taken out when they are more than one in so many. */
const removedShare = 4;

/** The position, from `low` up, of the first key that is not before `start`. */
function firstFrom(keys: readonly string[], start: string, low: number): number {
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', start) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
