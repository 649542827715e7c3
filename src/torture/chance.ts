/**
 * What a seed decides for one purpose: the same seed and label, the same draws in the same order (mulberry32, its state
 * begun from both by FNV-1a). Labels keep purposes apart, so that one that draws more does not shift the others.
 */
export class Chance {
  #state: number;

  constructor(seed: number, label: string) {
    this.#state = hashOf(`${seed} ${label}`);
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError if there is nothing */
  pick<T>(items: readonly T[]): T {
    const index = Math.floor(this.next() * items.length);
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[index] as T;
  }

  /** In another order, each as likely. */
  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, place: this.next() }))
      .sort((left, right) => left.place - right.place)
      .map(({ item }) => item);
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
