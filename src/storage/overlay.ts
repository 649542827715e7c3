/**
 * The keys of a table that have changed since the last checkpoint: those set since the running checkpoint began (dirty)
 * over those it is writing (frozen). A value of null stands for a key that was removed.
 */
export class Overlay<Value> {
  #dirty = new Map<string, Value | null>();
  #frozen = new Map<string, Value | null>();

  /** How many keys the next checkpoint would write. */
  get dirtyKeys(): number {
    return this.#dirty.size;
  }

  /** null where the key was removed, undefined where it has not changed. */
  get(key: string): Value | null | undefined {
    const value = this.#dirty.get(key);
    return value === undefined ? this.#frozen.get(key) : value;
  }

  set(key: string, value: Value | null): void {
    this.#dirty.set(key, value);
  }

  /** The keys that have a value and for which `isWanted` holds, in no order, each once. */
  keys(isWanted: (key: string) => boolean): string[] {
    const wanted: string[] = [];
    for (const [key, value] of this.#dirty) if (value !== null && isWanted(key)) wanted.push(key);
    for (const [key, value] of this.#frozen) {
      if (value !== null && isWanted(key) && !this.#dirty.has(key)) wanted.push(key);
    }
    return wanted;
  }

  /** Begins a checkpoint of all that is dirty; it ends by `drop` or `restore`. What is returned does not change. */
  freeze(): ReadonlyMap<string, Value | null> {
    this.#frozen = this.#dirty;
    this.#dirty = new Map();
    return this.#frozen;
  }

  /** The checkpoint has written the frozen keys. */
  drop(): void {
    this.#frozen = new Map();
  }

  /** The checkpoint failed: the frozen keys are dirty again, under those that have changed since. */
  restore(): void {
    const merged = this.#frozen;
    for (const [key, value] of this.#dirty) merged.set(key, value);
    this.#dirty = merged;
    this.#frozen = new Map();
  }
}
