import { Heap } from './heap.js';
import type { Versions } from './versions.js';

/**
 * How many keys are remembered by name, those that are due first; beyond it the owner has to look for the others among all
 * keys, when most of these are done.
 */
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
  /** All that is due before is remembered, but for what a search has still to find. */
  #horizonMs = Infinity;

  /** @param unknown - true if there are some among the keys already */
  constructor(unknown: boolean) {
    this.#overflowed = unknown;
  }

  /** True if there may be keys that are not remembered by name, and room for them, until `searched` is called. */
  get needSearch(): boolean {
    return this.#overflowed && this.#entries.size <= rememberedMax / 4;
  }

  /** A search through all keys begins: those that overflow from now on are for the next one. */
  searched(): void {
    this.#overflowed = false;
    this.#horizonMs = Infinity;
  }

  /** When the next key is to be looked at; Infinity if none is. */
  get nextMs(): number {
    return this.#first()?.atMs ?? Infinity;
  }

  /** What a key holds has changed. */
  note(key: string, versions: Versions): void {
    const atMs = firstExpiryMs(versions);
    if (atMs !== Infinity) this.lookAt(key, atMs);
    else this.forget(key);
  }

  /** Nothing of a key expires. */
  forget(key: string): void {
    if (this.#entries.size > 0) this.#entries.delete(key);
  }

  /** A key is to be looked at then, and not before. */
  lookAt(key: string, atMs: number): void {
    if (atMs >= this.#horizonMs) {
      this.#entries.delete(key);
      this.#overflowed = true;
      return;
    }
    if (!this.#entries.has(key) && this.#entries.size >= rememberedMax) return this.#overflow(key, atMs);
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

  /** Forgets the half that is due last. */
  #overflow(key: string, atMs: number): void {
    const times = Float64Array.from(this.#entries.values(), (entry) => entry.atMs).sort();
    const horizonMs = times[rememberedMax / 2] ?? Infinity;
    // Of those that are due in the same moment as the horizon, as many stay as there is room for.
    let room = rememberedMax / 2 - times.indexOf(horizonMs);
    for (const entry of this.#entries.values()) {
      if (entry.atMs < horizonMs || (entry.atMs === horizonMs && (room -= 1) >= 0)) continue;
      this.#entries.delete(entry.key);
    }
    this.#horizonMs = horizonMs;
    this.#overflowed = true;
    this.#heap.keepOnly((each) => this.#counts(each));
    this.lookAt(key, atMs);
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
