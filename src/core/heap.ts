/** A binary heap: what comes first by `isBefore` is taken out first. */
export class Heap<Item> {
  readonly #isBefore: (left: Item, right: Item) => boolean;
  #items: Item[] = [];

  constructor(isBefore: (left: Item, right: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = items[parent];
      if (above === undefined || this.#isBefore(above, item)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  /** The last item takes the place of the first and sinks to where it belongs. */
  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const item = items.pop();
    if (item !== undefined && items.length > 0) this.#sink(item);
    return first;
  }

  /** Lets go of all but the items for which this holds. */
  keepOnly(isKept: (item: Item) => boolean): void {
    const kept = this.#items.filter(isKept);
    this.#items = [];
    for (const item of kept) this.push(item);
  }

  #sink(item: Item): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = items[child];
      const right = items[child + 1];
      if (below !== undefined && right !== undefined && this.#isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (below === undefined || this.#isBefore(item, below)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  }
}
