import { Heap } from './heap.js';
import type { Versions } from './versions.js';

/** How many keys are remembered by name; beyond it the owner has to look for the others among all keys. */
const rememberedMax = 100_000;

interface Entry {
  readonly key: string;
  readonly atMs: number;
}

/** The keys with a value that expires, in the order in which that is due, so that those are found without a search. */
export class Expiring {
  readonly #heap = new Heap<Entry>((left, right) => left.atMs <= right.atMs);
  /** The entry of a key that counts; what else the heap has of it is stale. */
  readonly #entries = new Map<string, Entry>();
  #overflowed: boolean;

  /** @param unknown - true if there are some among the keys already */
  constructor(unknown: boolean) {
    this.#overflowed = unknown;
  }

  /** True if there may be keys that are not remembered by name, and room for them, until `searched` is called. */
  get needSearch(): boolean {
    return this.#overflowed && this.#entries.size <= rememberedMax / 2;
  }

  /** A search through all keys begins: those that overflow from now on are for the next one. */
  searched(): void {
    this.#overflowed = false;
  }

  /** When the next key is to be looked at; Infinity if none is. */
  get nextMs(): number {
    return this.#first()?.atMs ?? Infinity;
  }

  /** What a key holds has changed. */
  note(key: string, versions: Versions): void {
    const atMs = firstExpiryMs(versions);
    if (atMs !== Infinity) this.lookAt(key, atMs);
    else if (this.#entries.size > 0) this.#entries.delete(key);
  }

  /** A key is to be looked at then, and not before. */
  lookAt(key: string, atMs: number): void {
    if (!this.#entries.has(key) && this.#entries.size >= rememberedMax) {
      this.#overflowed = true;
      return;
    }
    const entry = { key, atMs };
    this.#entries.set(key, entry);
    this.#heap.push(entry);
    if (this.#heap.size > 2 * this.#entries.size + staleMax)
      this.#heap.keepOnly((each) => this.#counts(each));
  }

  /** Takes out at most `count` keys that are due. */
  take(nowMs: number, count: number): string[] {
    const keys: string[] = [];
    while (keys.length < count && this.nextMs <= nowMs) {
      const entry = this.#heap.pop();
      if (entry === undefined) break;
      this.#entries.delete(entry.key);
      keys.push(entry.key);
    }
    return keys;
  }

  #first(): Entry | undefined {
    for (let first = this.#heap.peek(); first !== undefined; first = this.#heap.peek()) {
      if (this.#counts(first)) return first;
      this.#heap.pop();
    }
    return undefined;
  }

  #counts(entry: Entry): boolean {
    return this.#entries.get(entry.key) === entry;
  }
}

/** Stale entries that are not worth a rebuilding of the heap. */
const staleMax = 64;

function firstExpiryMs(versions: Versions): number {
  let first = Infinity;
  for (const version of versions) {
    if (version.kind !== undefined || version.expiredBy !== undefined) continue;
    first = Math.min(first, version.expiresMs ?? Infinity);
  }
  return first;
}
