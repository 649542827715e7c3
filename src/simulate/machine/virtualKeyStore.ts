import type { RequestTable } from '../../core/state.js';
import { bytesOfVersions, type Versions } from '../../core/versions.js';
import { KvcError } from '../../errors.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import { emptyCheckpoint } from '../../storage/checkpointRecord.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from '../../storage/keyStore.js';
import { MemoryCut } from '../../storage/memory/memoryCut.js';
import { misuse } from '../../storage/misuse.js';
import { scanKeys } from '../../storage/scanKeys.js';
import { SerialQueue } from '../../storage/serialQueue.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot, StoreCut } from '../../storage/storeSnapshot.js';
import { TableRequests } from '../../storage/tableRequests.js';
import { DirtyTable } from './dirtyTable.js';
import { mergeStored, type StoreTables } from './mergeStored.js';
import type { StoreNode } from './storeNode.js';
import type { Transactions } from './transactions.js';
import { VirtualStaging } from './virtualStaging.js';

/**
 * The key store on a virtual disk: tables in memory, written behind by checkpoints, as the one on lmdb. A crash leaves
 * exactly what those transactions wrote that had ended.
 */
export class VirtualKeyStore implements KeyStore {
  readonly requests: RequestTable;
  readonly #stored: StoreNode;
  readonly #transactions: Transactions;
  readonly #onCheckpoint: () => void;
  readonly #tables: StoreTables;
  readonly #staging: VirtualStaging;
  readonly #writes = new SerialQueue();
  readonly #cuts = new Set<StoreCut>();
  #opened: Checkpoint;
  #isClosed = false;

  /** @param onCheckpoint - called for each that is durable */
  constructor(stored: StoreNode, transactions: Transactions, onCheckpoint: () => void) {
    this.#stored = stored;
    this.#transactions = transactions;
    this.#onCheckpoint = onCheckpoint;
    this.#tables = {
      versions: new DirtyTable(stored.versions, bytesOfVersions),
      requests: new DirtyTable(stored.requests, (dots) => dots.length),
    };
    this.#staging = new VirtualStaging(stored, transactions);
    this.#opened = stored.checkpoint ?? emptyCheckpoint;
    this.requests = new TableRequests(this.#tables.requests, () => this.#assertOpen());
  }

  get opened(): Checkpoint {
    return this.#opened;
  }

  get staged(): StagedSnapshot | undefined {
    return this.#staging.staged;
  }

  get stagedEntries(): number {
    this.#assertOpen();
    return this.#staging.entries;
  }

  get size(): number {
    return this.#tables.versions.size;
  }

  get dirtyKeys(): number {
    return this.#tables.versions.dirtyKeys + this.#tables.requests.dirtyKeys;
  }

  get dirtyBytes(): number {
    return this.#tables.versions.dirtyBytes + this.#tables.requests.dirtyBytes;
  }

  get(key: string): Versions | undefined {
    this.#assertOpen();
    return this.#tables.versions.get(key);
  }

  set(key: string, versions: Versions): void {
    this.#assertOpen();
    this.#tables.versions.set(key, versions);
  }

  remove(key: string): void {
    this.#assertOpen();
    this.#tables.versions.remove(key);
  }

  scan(range: ScanRange): KeyEntry[] {
    this.#assertOpen();
    return scanKeys(this.#tables.versions, range);
  }

  async checkpoint(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    this.#freeze(logged);
    return this.#writes.run(() => this.#write(checkpoint, logged));
  }

  async cut(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<StoreCut> {
    this.#freeze(logged);
    const { versions, requests } = this.#tables;
    const copies = { requests: requests.memory.copy(), versions: versions.memory.copy() };
    return this.#writes.run(async () => {
      await this.#write(checkpoint, logged);
      const cut = new MemoryCut(checkpoint, copies, () => this.#cuts.delete(cut));
      this.#cuts.add(cut);
      return cut;
    });
  }

  async beginStaging(source: SnapshotSource, checkpoint: Checkpoint): Promise<void> {
    this.#assertOpen();
    return this.#writes.run(() => this.#staging.begin(source, checkpoint));
  }

  async stage(
    part: Pick<SnapshotPart, 'requests' | 'keys'>,
    next: SnapshotPosition | 'complete',
  ): Promise<void> {
    this.#assertOpen();
    return this.#writes.run(() => this.#staging.stage(part, next));
  }

  async dropStaged(): Promise<void> {
    this.#assertOpen();
    return this.#writes.run(() => this.#staging.drop());
  }

  async mergeStaged(): Promise<Checkpoint> {
    this.#assertOpen();
    return this.#writes.run(async () => {
      if (this.dirtyKeys > 0) throw misuse('a snapshot was to be merged into keys that have changed');
      const { checkpoint: staged } = await this.#staging.beginMerge();
      const local = this.#stored.checkpoint ?? emptyCheckpoint;
      const joined = await mergeStored(this.#stored, this.#tables, this.#transactions, local, staged);
      await this.#transactions.commit('endMerge', () => {
        this.#stored.checkpoint = joined;
        this.#staging.clear();
      });
      this.#opened = joined;
      return joined;
    });
  }

  /** It has no size that could be compared with another store's. */
  stats(): StoreStats {
    this.#assertOpen();
    return { bytes: 0, usedBytes: 0 };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writes.idle();
    for (const cut of this.#cuts) cut.close();
  }

  #freeze(logged: Promise<unknown>): void {
    // Refusing the call must not leave a failure of the log unhandled besides.
    logged.catch(() => undefined);
    this.#assertOpen();
    this.#staging.assertNotMerging();
    for (const table of this.#both) table.freeze();
  }

  async #write(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    try {
      await logged;
      await this.#transactions.commit('checkpoint', () => {
        this.#tables.versions.write(this.#stored.versions);
        this.#tables.requests.write(this.#stored.requests);
        this.#stored.checkpoint = checkpoint;
        this.#onCheckpoint();
      });
    } catch (error) {
      for (const table of this.#both) table.restore();
      throw error;
    }
    for (const table of this.#both) table.drop();
  }

  get #both(): readonly Pick<DirtyTable<unknown>, 'freeze' | 'drop' | 'restore'>[] {
    return [this.#tables.versions, this.#tables.requests];
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new KvcError('KVC_E_CLOSED', 'the key store is closed');
  }
}
