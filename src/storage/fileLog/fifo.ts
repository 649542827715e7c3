/** A queue whose `shift` costs the same however long it is. */
export class Fifo<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The item at `position`, 0 being the oldest. */
  at(position: number): Item | undefined {
    return position < 0 ? undefined : this.#items[this.#head + position];
  }

  /** Drops the `count` oldest items and returns them. */
  take(count: number): Item[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
