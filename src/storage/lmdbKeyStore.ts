import { statSync } from 'node:fs';
import type { Versions } from '../core/versions.js';
import { KvcError, messageOf } from '../errors.js';
import { decodeCheckpoint, emptyCheckpoint } from './checkpointRecord.js';
import { compareKeys } from './keyOrder.js';
import type { Checkpoint, KeyEntry, KeyStore, ScanRange, StoreStats } from './keyStore.js';
import { factsKey, openLmdbFiles, writeCheckpoint, type LmdbFiles } from './lmdbFiles.js';
import { Overlay } from './overlay.js';
import { decodeVersions } from './versionsRecord.js';

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
  readonly #dir: string;
  readonly #files: LmdbFiles;
  readonly #overlay = new Overlay();
  #entries: number;
  #checkpointing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(dir: string, files: LmdbFiles) {
    this.#dir = dir;
    this.#files = files;
    const facts = files.facts.get(factsKey);
    this.opened = facts === undefined ? emptyCheckpoint : decodeCheckpoint(facts);
    this.#entries = entryCount(files);
    if (facts === undefined && this.#entries > 0) {
      const message = `the key store in ${dir} has keys and no checkpoint. Restore it from a copy, or start afresh: kvc up --fresh`;
      throw new KvcError('KVC_E_STORE_FAILED', message, { dir });
    }
  }

  get dirtyKeys(): number {
    return this.#overlay.dirtyKeys;
  }

  get(key: string): Versions | undefined {
    this.#assertOpen();
    return this.#overlay.get(key) ?? this.#stored(key);
  }

  set(key: string, versions: Versions): void {
    this.#assertOpen();
    if (this.#overlay.get(key) === undefined && !this.#files.versions.doesExist(Buffer.from(key)))
      this.#entries += 1;
    this.#overlay.set(key, versions);
  }

  scan(range: ScanRange): KeyEntry[] {
    this.#assertOpen();
    const { prefix, after, limit } = range;
    const isWanted = (key: string): boolean =>
      key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0);
    const changed = this.#overlay.keys(isWanted).sort(compareKeys).slice(0, limit);
    const stored = this.#storedRange(range);
    // The first `limit` keys of either are enough for the first `limit` keys of both.
    const keys = [...new Set([...changed, ...stored.keys()])].sort(compareKeys).slice(0, limit);
    return keys.map((key) => ({
      key,
      versions: this.#overlay.get(key) ?? decodeVersions(stored.get(key) ?? noBytes),
    }));
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
    return { entries: this.#entries, bytes: statSync(this.#files.path).size };
  }

  /** Waits for a checkpoint that is running. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #write(checkpoint: Checkpoint, logged: Promise<unknown>): Promise<void> {
    const frozen = this.#overlay.freeze();
    try {
      await logged;
      await writeCheckpoint(this.#files, frozen, checkpoint);
    } catch (cause) {
      this.#overlay.restore();
      if (cause instanceof KvcError) throw cause;
      const message = `the key store in ${this.#dir} cannot be written (${messageOf(cause)}). Check the disk and its free space`;
      throw new KvcError('KVC_E_STORE_FAILED', message, { dir: this.#dir }, { cause });
    }
    this.#overlay.drop();
  }

  async #close(): Promise<void> {
    // Who asked for the checkpoint is told if it fails.
    await this.#checkpointing?.catch(() => undefined);
    await this.#files.root.close();
  }

  #stored(key: string): Versions | undefined {
    const record = this.#files.versions.get(Buffer.from(key));
    return record && decodeVersions(record);
  }

  /** The stored records of the range in order, whether the overlay has newer ones or not. */
  #storedRange({ prefix, after, limit }: ScanRange): Map<string, Buffer> {
    const records = new Map<string, Buffer>();
    const start = after === undefined || compareKeys(after, prefix) < 0 ? prefix : after;
    for (const { key, value } of this.#files.versions.getRange({ start: Buffer.from(start) })) {
      const text = key.toString();
      if (!text.startsWith(prefix) || records.size === limit) break;
      if (text !== after) records.set(text, value);
    }
    return records;
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new KvcError('KVC_E_CLOSED', `the key store in ${this.#dir} is closed`);
  }
}

const noBytes = new Uint8Array();

function entryCount(files: LmdbFiles): number {
  return (files.versions.getStats() as { entryCount: number }).entryCount;
}
