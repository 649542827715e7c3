import type { Versions } from '../core/versions.js';

/**
 * The keys that have changed since the last checkpoint: those set since the running checkpoint began (dirty) over those it
 * is writing (frozen).
 */
export class Overlay {
  #dirty = new Map<string, Versions>();
  #frozen = new Map<string, Versions>();

  /** How many keys the next checkpoint would write. */
  get dirtyKeys(): number {
    return this.#dirty.size;
  }

  get(key: string): Versions | undefined {
    return this.#dirty.get(key) ?? this.#frozen.get(key);
  }

  set(key: string, versions: Versions): void {
    this.#dirty.set(key, versions);
  }

  /** The keys for which `isWanted` holds, in no order, each once. */
  keys(isWanted: (key: string) => boolean): string[] {
    const wanted = [...this.#dirty.keys()].filter(isWanted);
    for (const key of this.#frozen.keys()) {
      if (isWanted(key) && !this.#dirty.has(key)) wanted.push(key);
    }
    return wanted;
  }

  /** Begins a checkpoint of all that is dirty; it ends by `drop` or `restore`. What is returned does not change. */
  freeze(): ReadonlyMap<string, Versions> {
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
    for (const [key, versions] of this.#dirty) merged.set(key, versions);
    this.#dirty = merged;
    this.#frozen = new Map();
  }
}
