/** How many keys that are stored already may stay in memory, and the bytes of keys and values. */
const storedKeysMax = 40_000;
const storedBytesMax = 16 * 1024 * 1024;

/**
 * The keys of a table that have changed since the last checkpoint that was written: those set since a checkpoint was last
 * asked for (dirty) over those that checkpoints are yet to write (frozen). And, so that keys which are used again and again are
 * not read and decoded each time, such as are stored as they are here (stored): those that were written or read lately. A value of
 * null stands for a key that was removed.
 */
export class Overlay<Value> {
  readonly #bytesOf: (value: Value) => number;
  #dirty = new Map<string, Value | null>();
  #dirtyBytes = 0;
  /** One for each checkpoint that was asked for, the oldest first. */
  readonly #frozen: Map<string, Value | null>[] = [];
  #stored = new Map<string, Value | null>();
  #storedBytes = 0;

  constructor(bytesOf: (value: Value) => number) {
    this.#bytesOf = bytesOf;
  }

  /** How many keys the next checkpoint would write. */
  get dirtyKeys(): number {
    return this.#dirty.size;
  }

  /** Bytes of the values that the next checkpoint would write, roughly. */
  get dirtyBytes(): number {
    return this.#dirtyBytes;
  }

  /** What the checkpoint has to write that was asked for first. It does not change. */
  get oldest(): ReadonlyMap<string, Value | null> {
    return this.#frozen[0] ?? new Map<string, Value | null>();
  }

  /** null where the key was removed, undefined where what is stored counts. */
  get(key: string): Value | null | undefined {
    let value = this.#dirty.get(key);
    for (let index = this.#frozen.length - 1; value === undefined && index >= 0; index -= 1) {
      value = this.#frozen[index]?.get(key);
    }
    return value === undefined ? this.#stored.get(key) : value;
  }

  set(key: string, value: Value | null): void {
    this.#dirtyBytes += this.#sizeOf(value) - this.#sizeOf(this.#dirty.get(key) ?? null);
    this.#dirty.set(key, value);
  }

  /** The keys that have a value and for which `isWanted` holds, in no order, each once. */
  keys(isWanted: (key: string) => boolean): string[] {
    const wanted = new Set<string>();
    for (const layer of [this.#dirty, ...this.#frozen]) {
      for (const key of layer.keys()) if (isWanted(key)) wanted.add(key);
    }
    return [...wanted].filter((key) => this.get(key) !== null);
  }

  /** Begins a checkpoint of all that is dirty. The oldest one ends by `drop` or `restore`. */
  freeze(): void {
    this.#frozen.push(this.#dirty);
    this.#dirty = new Map();
    this.#dirtyBytes = 0;
  }

  /** The oldest checkpoint has written its keys. */
  drop(): void {
    const latest = this.#frozen.shift() ?? new Map<string, Value | null>();
    for (const [key, value] of latest) this.keep(key, value);
  }

  /** What is stored is this, and was used: it may be again. Where there is too much of it, all that was used before is let go. */
  keep(key: string, value: Value | null): void {
    const known = this.#stored.get(key);
    if (known === undefined) this.#storedBytes += key.length;
    this.#storedBytes += this.#sizeOf(value) - this.#sizeOf(known ?? null);
    this.#stored.set(key, value);
    if (this.#stored.size > storedKeysMax || this.#storedBytes > storedBytesMax) this.forgetStored();
  }

  /** What is stored has changed otherwise. */
  forgetStored(): void {
    this.#stored = new Map();
    this.#storedBytes = 0;
  }

  /** The oldest checkpoint failed: its keys are left to the next one, under those that had changed since. */
  restore(): void {
    const merged = this.#frozen.shift() ?? new Map<string, Value | null>();
    for (const [key, value] of this.#frozen[0] ?? this.#dirty) merged.set(key, value);
    if (this.#frozen.length > 0) this.#frozen[0] = merged;
    else {
      this.#dirty = merged;
      this.#dirtyBytes = 0;
      for (const value of merged.values()) this.#dirtyBytes += this.#sizeOf(value);
    }
  }

  #sizeOf(value: Value | null): number {
    return value === null ? 0 : this.#bytesOf(value);
  }
}
