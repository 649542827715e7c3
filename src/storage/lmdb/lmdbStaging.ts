import type { SnapshotPosition } from '../../protocol/snapshotPosition.js';
import type { Checkpoint } from '../keyStore.js';
import { misuse } from '../misuse.js';
import { openRecord, sealRecord } from '../sealedRecord.js';
import { decodeStaging, encodeStaging, type StagingState } from '../stagingRecord.js';
import type { SnapshotPart, SnapshotSource, StagedSnapshot } from '../storeSnapshot.js';
import { clear, commit, put, remove } from './commit.js';
import { stagingKey, type LmdbFiles } from './environment.js';
import { storedEntries } from './lmdbTable.js';
import type { LmdbTables } from './lmdbTables.js';

/** A snapshot that is collected on disk, in databases of its own. Every change is one transaction with its progress. */
export class LmdbStaging {
  readonly #files: LmdbFiles;
  readonly #tables: LmdbTables;
  #state: StagingState | undefined;

  constructor(files: LmdbFiles, tables: LmdbTables) {
    this.#files = files;
    this.#tables = tables;
    const record = files.facts.get(stagingKey);
    this.#state = record && decodeStaging(openRecord(stagingKey, record));
  }

  get staged(): StagedSnapshot | undefined {
    if (this.#state === undefined) return undefined;
    const { source, checkpoint, next } = this.#state;
    return { source, checkpoint, next };
  }

  get entries(): number {
    return storedEntries(this.#files.stagedVersions) + storedEntries(this.#files.stagedRequests);
  }

  /** Whether a merge has begun and not ended: what the store holds is neither state. */
  get isMerging(): boolean {
    return this.#state?.isMerging ?? false;
  }

  async begin(source: SnapshotSource, checkpoint: Checkpoint): Promise<void> {
    this.#assertNotMerging();
    const state = { source, checkpoint, next: null, isMerging: false };
    await commit(this.#files, () => {
      this.#clearParts();
      this.#put(state);
    });
    this.#state = state;
  }

  async stage(
    { requests, keys }: Pick<SnapshotPart, 'requests' | 'keys'>,
    next: SnapshotPosition | 'complete',
  ): Promise<void> {
    this.#assertNotMerging();
    if (this.#state === undefined) throw misuse('a part of a snapshot came, but none is being staged');
    const state = { ...this.#state, next };
    await commit(this.#files, () => {
      for (const { request, dots } of requests) {
        const key = Buffer.from(request);
        put(this.#files.stagedRequests, key, this.#tables.requests.encode(key, dots));
      }
      for (const { key: text, versions } of keys) {
        const key = Buffer.from(text);
        put(this.#files.stagedVersions, key, this.#tables.versions.encode(key, versions));
      }
      this.#put(state);
    });
    this.#state = state;
  }

  async drop(): Promise<void> {
    this.#assertNotMerging();
    await commit(this.#files, () => this.#remove());
    this.#state = undefined;
  }

  /** From here on the snapshot can only be merged. */
  async beginMerge(): Promise<void> {
    if (this.#state?.next !== 'complete') throw misuse('no complete snapshot is staged');
    const state = { ...this.#state, isMerging: true };
    await commit(this.#files, () => this.#put(state));
    this.#state = state;
  }

  /** Ends the merge in one transaction with what `write` writes. */
  async endMerge(write: () => void): Promise<void> {
    await commit(this.#files, () => {
      write();
      this.#remove();
    });
    this.#state = undefined;
  }

  #put(state: StagingState): void {
    put(this.#files.facts, stagingKey, sealRecord(stagingKey, encodeStaging(state)));
  }

  #remove(): void {
    this.#clearParts();
    remove(this.#files.facts, stagingKey);
  }

  #clearParts(): void {
    clear(this.#files.stagedVersions);
    clear(this.#files.stagedRequests);
  }

  #assertNotMerging(): void {
    if (this.isMerging)
      throw misuse('a snapshot is half merged into the key store; that has to be finished first');
  }
}
