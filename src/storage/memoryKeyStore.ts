import type { Versions } from '../core/versions.js';
import { KvcError } from '../errors.js';
import { emptyCheckpoint } from './checkpointRecord.js';
import { compareKeys } from './keyOrder.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from './keyStore.js';
import { MemoryRequests } from './memoryRequests.js';
import { MemoryTable } from './memoryTable.js';

/** The key store of a node that keeps nothing. A checkpoint has nothing to write. */
export class MemoryKeyStore implements KeyStore {
  readonly opened: Checkpoint = emptyCheckpoint;
  readonly dirtyKeys = 0;
  readonly requests = new MemoryRequests();
  readonly #versions = new MemoryTable<Versions>();
  #closed = false;

  get(key: string): Versions | undefined {
    this.#assertOpen();
    return this.#versions.get(key);
  }

  set(key: string, versions: Versions): void {
    this.#assertOpen();
    this.#versions.set(key, versions);
  }

  remove(key: string): void {
    this.#assertOpen();
    this.#versions.remove(key);
  }

  scan({ prefix, after, limit }: ScanRange): KeyEntry[] {
    this.#assertOpen();
    const start = after === undefined || compareKeys(after, prefix) < 0 ? prefix : after;
    const entries: KeyEntry[] = [];
    for (const [key, versions] of this.#versions.from(start)) {
      if (entries.length === limit || !key.startsWith(prefix)) break;
      if (key !== after) entries.push({ key, versions });
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
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the key store is closed');
  }
}
