/** A queue from whose front items are taken at a cost that does not grow with its length. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The oldest first. */
  *[Symbol.iterator](): Generator<T> {
    for (let index = this.#head; index < this.#items.length; index += 1) yield this.#items[index] as T;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item at `position`, 0 being the oldest. */
  at(position: number): T | undefined {
    return position < 0 ? undefined : this.#items[this.#head + position];
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.peek();
    this.#drop(1);
    return item;
  }

  /** Removes the `count` oldest items, or as many as there are, and returns them. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#drop(taken.length);
    return taken;
  }

  #drop(count: number): void {
    this.#head = Math.min(this.#head + count, this.#items.length);
    if (this.#head * 2 <= this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
