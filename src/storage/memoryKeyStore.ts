import type { Versions } from '../core/versions.js';
import { KvcError } from '../errors.js';
import { emptyCheckpoint } from './checkpointRecord.js';
import { compareKeys } from './keyOrder.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from './keyStore.js';

/** The key store of a node that keeps nothing. A checkpoint has nothing to write. */
export class MemoryKeyStore implements KeyStore {
  readonly opened: Checkpoint = emptyCheckpoint;
  readonly dirtyKeys = 0;
  readonly #versions = new Map<string, Versions>();
  /** In order; undefined since a key was added. */
  #sortedKeys: string[] | undefined;
  #closed = false;

  get(key: string): Versions | undefined {
    this.#assertOpen();
    return this.#versions.get(key);
  }

  set(key: string, versions: Versions): void {
    this.#assertOpen();
    const keysBefore = this.#versions.size;
    this.#versions.set(key, versions);
    if (this.#versions.size > keysBefore) this.#sortedKeys = undefined;
  }

  scan({ prefix, after, limit }: ScanRange): KeyEntry[] {
    this.#assertOpen();
    const keys = (this.#sortedKeys ??= [...this.#versions.keys()].sort(compareKeys));
    const isBefore = (key: string): boolean =>
      compareKeys(key, prefix) < 0 || (after !== undefined && compareKeys(key, after) <= 0);
    const entries: KeyEntry[] = [];
    for (let index = partitionPoint(keys, isBefore); entries.length < limit; index += 1) {
      const key = keys[index];
      if (key?.startsWith(prefix) !== true) break;
      const versions = this.#versions.get(key);
      if (versions !== undefined) entries.push({ key, versions });
    }
    return entries;
  }

  async checkpoint(_checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    this.#assertOpen();
    await logged;
  }

  stats(): StoreStats {
    this.#assertOpen();
    return { entries: this.#versions.size, bytes: 0 };
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#versions.clear();
    this.#sortedKeys = undefined;
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the key store is closed');
  }
}

/** The position of the first key that `isBefore` does not hold for; it holds for all earlier and no later ones. */
function partitionPoint(keys: readonly string[], isBefore: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(keys[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return low;
}
