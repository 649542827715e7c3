import { unionOfDots, type Dot } from '../../core/clock/dot.js';
import type { RequestTable } from '../../core/state.js';
import type { Versions } from '../../core/versions.js';
import { KvcError } from '../../errors.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import { emptyCheckpoint } from '../checkpointRecord.js';
import { KeyJoin } from '../joinStates.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from '../keyStore.js';
import { misuse } from '../misuse.js';
import { scanKeys } from '../scanKeys.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot, StoreCut } from '../storeSnapshot.js';
import { TableRequests } from '../tableRequests.js';
import { MemoryCut } from './memoryCut.js';
import { MemoryStaging } from './memoryStaging.js';
import { MemoryTable } from './memoryTable.js';

/** The key store of a node that keeps nothing. A checkpoint has nothing to write. */
export class MemoryKeyStore implements KeyStore {
  readonly dirtyKeys = 0;
  readonly dirtyBytes = 0;
  readonly requests: RequestTable;
  readonly #versions = new MemoryTable<Versions>();
  readonly #requests = new MemoryTable<readonly Dot[]>();
  readonly #staging = new MemoryStaging();
  #opened = emptyCheckpoint;
  /** What the keys reflected when a checkpoint or cut was last asked for, and whether they have changed since. */
  #latest = emptyCheckpoint;
  #isChanged = false;
  readonly #cuts = new Set<MemoryCut>();
  #closed = false;

  constructor() {
    this.requests = new TableRequests(this.#requests, () => this.#assertOpen());
  }

  get opened(): Checkpoint {
    return this.#opened;
  }

  get size(): number {
    return this.#versions.size;
  }

  get staged(): StagedSnapshot | undefined {
    return this.#staging.staged;
  }

  get stagedEntries(): number {
    this.#assertOpen();
    return this.#staging.entries;
  }

  get(key: string): Versions | undefined {
    this.#assertOpen();
    return this.#versions.get(key);
  }

  set(key: string, versions: Versions): void {
    this.#assertOpen();
    this.#isChanged = true;
    this.#versions.set(key, versions);
  }

  remove(key: string): void {
    this.#assertOpen();
    this.#isChanged = true;
    this.#versions.remove(key);
  }

  scan(range: ScanRange): KeyEntry[] {
    this.#assertOpen();
    return scanKeys(this.#versions, range);
  }

  async checkpoint(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    // Refusing the call must not leave a failure of the log unhandled besides.
    logged.catch(() => undefined);
    this.#assertOpen();
    this.#note(checkpoint);
    await logged;
  }

  async cut(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<StoreCut> {
    logged.catch(() => undefined);
    this.#assertOpen();
    this.#note(checkpoint);
    const tables = { requests: this.#requests.copy(), versions: this.#versions.copy() };
    await logged;
    this.#assertOpen();
    const cut = new MemoryCut(checkpoint, tables, () => this.#cuts.delete(cut));
    this.#cuts.add(cut);
    return cut;
  }

  async beginStaging(source: SnapshotSource, checkpoint: Checkpoint): Promise<void> {
    this.#assertOpen();
    this.#staging.begin(source, checkpoint);
    return Promise.resolve();
  }

  async stage(
    part: Pick<SnapshotPart, 'requests' | 'keys'>,
    next: SnapshotPosition | 'complete',
  ): Promise<void> {
    this.#assertOpen();
    this.#staging.stage(part, next);
    return Promise.resolve();
  }

  async dropStaged(): Promise<void> {
    this.#assertOpen();
    this.#staging.drop();
    return Promise.resolve();
  }

  async mergeStaged(): Promise<Checkpoint> {
    this.#assertOpen();
    const { staged } = this.#staging;
    if (staged?.next !== 'complete') throw misuse('no complete snapshot is staged');
    if (this.#isChanged) throw misuse('a snapshot was to be merged into keys that have changed');
    for (const [request, dots] of this.#staging.requests.from('')) {
      this.#requests.set(request, unionOfDots(this.#requests.get(request) ?? [], dots));
    }
    const join = new KeyJoin(this.#latest, staged.checkpoint, this.#requests);
    for (const key of this.#allKeys()) {
      const joined = join.join(this.#versions.get(key), this.#staging.versions.get(key));
      if (joined === undefined) this.#versions.remove(key);
      else this.#versions.set(key, joined);
    }
    this.#opened = join.checkpoint();
    this.#latest = this.#opened;
    this.#staging.drop();
    return Promise.resolve(this.#opened);
  }

  stats(): StoreStats {
    this.#assertOpen();
    return { bytes: 0, usedBytes: 0 };
  }

  /** May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cut of this.#cuts) cut.close();
    this.#versions.clear();
    this.#requests.clear();
    this.#staging.drop();
    return Promise.resolve();
  }

  #note(checkpoint: Checkpoint): void {
    this.#latest = checkpoint;
    this.#isChanged = false;
  }

  #allKeys(): Set<string> {
    const tables = [this.#versions, this.#staging.versions];
    return new Set(tables.flatMap((table) => [...table.from('')].map(([key]) => key)));
  }

  #assertOpen(): void {
    if (this.#closed) throw new KvcError('KVC_E_CLOSED', 'the key store is closed');
  }
}
