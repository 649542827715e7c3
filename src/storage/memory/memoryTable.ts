import { compareKeys } from '../keyOrder.js';

/** Values by key, in the order of the UTF-8 bytes of the keys. Keys are put into their order when that is asked for. */
export class MemoryTable<Value> {
  readonly #values: Map<string, Value>;
  /** In order. It may still name keys that were removed, which is how many `#removed` says at the most. */
  #sorted: string[] = [];
  #removed = 0;
  /** Keys that are not in `#sorted`, or were not when they were set. */
  #added: string[];

  constructor(values: Iterable<readonly [string, Value]> = []) {
    this.#values = new Map(values);
    this.#added = [...this.#values.keys()];
  }

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

  /** The entries from the key `start` up, in order. */
  *from(start: string): Generator<readonly [string, Value]> {
    const keys = this.#inOrder();
    for (let index = firstFrom(keys, start); index < keys.length; index += 1) {
      const key = keys[index] ?? '';
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  copy(): MemoryTable<Value> {
    return new MemoryTable(this.#values);
  }

  clear(): void {
    this.#values.clear();
    this.#sorted = [];
    this.#added = [];
    this.#removed = 0;
  }

  #inOrder(): readonly string[] {
    if (this.#added.length > 0) this.#insertAdded();
    // Skipping a few costs less than closing the gaps each time.
    if (this.#removed * removedShare > this.#sorted.length) {
      this.#sorted = this.#sorted.filter((key) => this.#values.has(key));
      this.#removed = 0;
    }
    return this.#sorted;
  }

  /** Sorts anew only what comes after the first added key: keys that rise, as request ids do, cost little. */
  #insertAdded(): void {
    const added = this.#added.sort(compareKeys);
    this.#added = [];
    const tail = this.#sorted.splice(firstFrom(this.#sorted, added[0] ?? ''));
    for (const key of [...tail, ...added].sort(compareKeys)) {
      if (key !== this.#sorted.at(-1)) this.#sorted.push(key);
    }
  }
}

/** Removed keys are taken out when they are more than one in so many. */
const removedShare = 16;

/** The position of the first key that is not before `start`. */
function firstFrom(keys: readonly string[], start: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', start) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
