import { statSync } from 'node:fs';
import type { RequestTable } from '../../core/state.js';
import type { Versions } from '../../core/versions.js';
import { KvcError } from '../../errors.js';
import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import { decodeCheckpoint, emptyCheckpoint } from '../checkpointRecord.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from '../keyStore.js';
import { misuse } from '../misuse.js';
import { scanKeys } from '../scanKeys.js';
import { openRecord } from '../sealedRecord.js';
import { SerialQueue } from '../serialQueue.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot, StoreCut } from '../storeSnapshot.js';
import { TableRequests } from '../tableRequests.js';
import type { StoreNotice } from './compaction.js';
import { checkpointKey, usedBytes, type LmdbFiles } from './environment.js';
import { LmdbCut } from './lmdbCut.js';
import { damaged, writeFailure } from './lmdbFailure.js';
import { LmdbStaging } from './lmdbStaging.js';
import { LmdbTables } from './lmdbTables.js';
import { mergeStaged } from './mergeStaged.js';
import { openLmdbFiles } from './openLmdbFiles.js';

/**
 * Opens the key store in `dir`, or creates it. Before, all of its file is checked for damage, and compacted where that is
 * worth it.
 * @throws KvcError KVC_E_STORE_CORRUPT, KVC_E_FORMAT_UNKNOWN, KVC_E_DISK_FULL, KVC_E_STORE_FAILED
 */
export async function openLmdbKeyStore(dir: string, notice?: StoreNotice): Promise<LmdbKeyStore> {
  const files = await openLmdbFiles(dir, notice);
  try {
    return new LmdbKeyStore(files);
  } catch (error) {
    await files.root.close();
    throw error;
  }
}

/** The key store on disk: lmdb, written behind by checkpoints, under an overlay of what has changed since the last one. */
export class LmdbKeyStore implements KeyStore {
  readonly requests: RequestTable;
  readonly #files: LmdbFiles;
  readonly #tables: LmdbTables;
  readonly #staging: LmdbStaging;
  /** Whatever writes: two transactions of lmdb at once would not keep apart, and a cut begins where its checkpoint ended. */
  readonly #writes = new SerialQueue();
  readonly #cuts = new Set<StoreCut>();
  #opened: Checkpoint;
  /** What the files reflect. */
  #latest: Checkpoint;
  #closing: Promise<void> | undefined;

  constructor(files: LmdbFiles) {
    this.#files = files;
    this.#tables = new LmdbTables(files);
    this.#staging = new LmdbStaging(files, this.#tables);
    this.requests = new TableRequests(this.#tables.requests, () => this.#assertOpen());
    const record = files.facts.get(checkpointKey);
    this.#opened =
      record === undefined ? emptyCheckpoint : decodeCheckpoint(openRecord(checkpointKey, record));
    this.#latest = this.#opened;
    const hasKeys = this.#tables.versions.size > 0 && !this.#staging.isMerging;
    if (record === undefined && hasKeys) throw damaged(`${files.path} has keys and no checkpoint`);
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
    return this.#tables.dirtyKeys;
  }

  get dirtyBytes(): number {
    return this.#tables.dirtyBytes;
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
    const facts = { checkpoint, entries: this.#tables.size };
    return this.#writes.run(async () => {
      await this.#write(checkpoint, logged);
      return this.#openCut(facts);
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
      this.#opened = await mergeStaged(this.#files, this.#tables, this.#staging, this.#latest);
      this.#latest = this.#opened;
      return this.#opened;
    });
  }

  stats(): StoreStats {
    this.#assertOpen();
    const { size } = statSync(this.#files.path);
    return { bytes: size, usedBytes: usedBytes(this.#files) };
  }

  /** Waits for whatever is being written. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #freeze(logged: Promise<unknown>): void {
    // Refusing the call must not leave a failure of the log unhandled besides.
    logged.catch(() => undefined);
    this.#assertOpen();
    if (this.#staging.isMerging) throw misuse('a snapshot is half merged into the key store');
    this.#tables.freeze();
  }

  async #write(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    try {
      await logged;
      await this.#tables.write(checkpoint);
    } catch (cause) {
      this.#tables.restore();
      throw await writeFailure(this.#files.dir, cause);
    }
    this.#tables.drop();
    this.#latest = checkpoint;
  }

  /** Directly after its checkpoint was written, before anything else is. */
  #openCut(facts: { readonly checkpoint: Checkpoint; readonly entries: number }): StoreCut {
    const transaction = this.#files.root.useReadTransaction();
    const cut = new LmdbCut(facts, this.#tables, transaction, () => this.#cuts.delete(cut));
    this.#cuts.add(cut);
    return cut;
  }

  async #close(): Promise<void> {
    await this.#writes.idle();
    for (const cut of this.#cuts) cut.close();
    await this.#files.root.close();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new KvcError('KVC_E_CLOSED', `the key store in ${this.#files.dir} is closed`);
  }
}
