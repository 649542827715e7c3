import type { Dot } from './clock/dot.js';
import { containsDot, type VersionVector } from './clock/versionVector.js';
import { Fifo } from './fifo.js';

/** How many are remembered by name; beyond it the owner has to look for the others among all keys. */
const rememberedMax = 100_000;

/** The keys that hold tombstones, in the order in which they got them, so that those to forget are found without a search. */
export class Tombstones {
  readonly #waiting = new Fifo<{ readonly key: string; readonly dot: Dot }>();
  #overflowed: boolean;

  /** @param unknown - true if there are some among the keys already */
  constructor(unknown: boolean) {
    this.#overflowed = unknown;
  }

  /** True if there may be tombstones that are not remembered by name, and room for them, until `searched` is called. */
  get needSearch(): boolean {
    return this.#overflowed && this.#waiting.size <= rememberedMax / 2;
  }

  add(key: string, dot: Dot): void {
    if (this.#waiting.size < rememberedMax) this.#waiting.push({ key, dot });
    else this.#overflowed = true;
  }

  /** A search through all keys begins: those that overflow from now on are for the next one. */
  searched(): void {
    this.#overflowed = false;
  }

  /** Takes out at most `count` keys whose tombstones are collectable; those behind one that is not yet wait with it. */
  take(collectable: VersionVector, count: number): string[] {
    const keys: string[] = [];
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (keys.length === count || !containsDot(collectable, next.dot)) break;
      this.#waiting.shift();
      keys.push(next.key);
    }
    return keys;
  }

  /** True if `take` would give a key. */
  isDue(collectable: VersionVector): boolean {
    const next = this.#waiting.peek();
    return next !== undefined && containsDot(collectable, next.dot);
  }
}
