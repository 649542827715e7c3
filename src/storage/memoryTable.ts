import { compareKeys } from './keyOrder.js';

/** Values by key, in the order of the UTF-8 bytes of the keys. */
export class MemoryTable<Value> {
  readonly #values = new Map<string, Value>();
  /** In order; undefined since a key was added. It may still name keys that were removed. */
  #sortedKeys: string[] | undefined;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    const sizeBefore = this.#values.size;
    this.#values.set(key, value);
    if (this.#values.size > sizeBefore) this.#sortedKeys = undefined;
  }

  remove(key: string): void {
    this.#values.delete(key);
  }

  /** The entries from the key `start` up, in order. */
  *from(start: string): Generator<readonly [string, Value]> {
    const keys = (this.#sortedKeys ??= [...this.#values.keys()].sort(compareKeys));
    for (
      let index = partitionPoint(keys, (key) => compareKeys(key, start) < 0);
      index < keys.length;
      index += 1
    ) {
      const key = keys[index] ?? '';
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  clear(): void {
    this.#values.clear();
    this.#sortedKeys = undefined;
  }
}

/** The position of the first key that `isBefore` does not hold for; it holds for all earlier and no later ones. */
function partitionPoint(keys: readonly string[], isBefore: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(keys[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return low;
}
