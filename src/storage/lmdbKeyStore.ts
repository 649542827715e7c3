import { statSync } from 'node:fs';
import type { Dot } from '../core/clock/dot.js';
import type { RequestTable } from '../core/state.js';
import type { Versions } from '../core/versions.js';
import { KvcError, messageOf } from '../errors.js';
import { decodeCheckpoint, emptyCheckpoint } from './checkpointRecord.js';
import { decodeDots, encodeDots } from './dotsRecord.js';
import { compareKeys } from './keyOrder.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from './keyStore.js';
import { factsKey, openLmdbFiles, writeCheckpoint, type LmdbFiles } from './lmdbFiles.js';
import { LmdbRequests } from './lmdbRequests.js';
import { LmdbTable } from './lmdbTable.js';
import { decodeVersions, encodeVersions } from './versionsRecord.js';

/**
 * Opens the key store in `dir`, or creates it.
 * @throws KvcError KVC_E_STORE_FAILED, KVC_E_FORMAT_UNKNOWN
 */
export async function openLmdbKeyStore(dir: string): Promise<LmdbKeyStore> {
  const files = await openLmdbFiles(dir);
  try {
    return new LmdbKeyStore(dir, files);
  } catch (error) {
    await files.root.close();
    throw error;
  }
}

/** The key store on disk: lmdb, written behind by checkpoints, under an overlay of what has changed since the last one. */
export class LmdbKeyStore implements KeyStore {
  readonly opened: Checkpoint;
  readonly requests: RequestTable;
  readonly #dir: string;
  readonly #files: LmdbFiles;
  readonly #versions: LmdbTable<Versions>;
  readonly #requests: LmdbTable<readonly Dot[]>;
  #checkpointing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(dir: string, files: LmdbFiles) {
    this.#dir = dir;
    this.#files = files;
    this.#versions = new LmdbTable(files.versions, { encode: encodeVersions, decode: decodeVersions });
    this.#requests = new LmdbTable<readonly Dot[]>(files.requests, {
      encode: encodeDots,
      decode: decodeDots,
    });
    this.requests = new LmdbRequests(this.#requests, () => this.#assertOpen());
    const facts = files.facts.get(factsKey);
    this.opened = facts === undefined ? emptyCheckpoint : decodeCheckpoint(facts);
    if (facts === undefined && this.#versions.entries > 0) {
      const message = `the key store in ${dir} has keys and no checkpoint. Restore it from a copy, or start afresh: kvc up --fresh`;
      throw new KvcError('KVC_E_STORE_FAILED', message, { dir });
    }
  }

  get dirtyKeys(): number {
    return this.#versions.dirtyKeys + this.#requests.dirtyKeys;
  }

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
    // Nothing comes between a text and the same with a zero byte behind it.
    const start = after === undefined || compareKeys(after, prefix) < 0 ? prefix : `${after}\0`;
    const found = this.#versions.scan({ start, endsAt: (key) => !key.startsWith(prefix), limit });
    return found.map(([key, versions]) => ({ key, versions }));
  }

  async checkpoint(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    // Refusing the call must not leave a failure of the log unhandled besides.
    logged.catch(() => undefined);
    this.#assertOpen();
    if (this.#checkpointing !== undefined) {
      throw new KvcError(
        'KVC_E_INTERNAL',
        'a checkpoint of the key store was begun while another was running',
      );
    }
    this.#checkpointing = this.#write(checkpoint, logged).finally(() => {
      this.#checkpointing = undefined;
    });
    return this.#checkpointing;
  }

  stats(): StoreStats {
    this.#assertOpen();
    return { entries: this.#versions.entries, bytes: statSync(this.#files.path).size };
  }

  /** Waits for a checkpoint that is running. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #write(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    const tables = [this.#versions, this.#requests];
    for (const table of tables) table.freeze();
    try {
      await logged;
      await writeCheckpoint(this.#files, tables, checkpoint);
    } catch (cause) {
      for (const table of tables) table.restore();
      if (cause instanceof KvcError) throw cause;
      const message = `the key store in ${this.#dir} cannot be written (${messageOf(cause)}). Check the disk and its free space`;
      throw new KvcError('KVC_E_STORE_FAILED', message, { dir: this.#dir }, { cause });
    }
    for (const table of tables) table.drop();
  }

  async #close(): Promise<void> {
    // Who asked for the checkpoint is told if it fails.
    await this.#checkpointing?.catch(() => undefined);
    await this.#files.root.close();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new KvcError('KVC_E_CLOSED', `the key store in ${this.#dir} is closed`);
  }
}
