import type { Database, RootDatabase } from 'lmdb';
import { existsSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KvcError, messageOf } from '../errors.js';
import { encodeCheckpoint } from './checkpointRecord.js';
import { syncDir, writeFileDurably } from './durableFile.js';
import type { Checkpoint } from './keyStore.js';
import { lmdbFileState } from './lmdbFileState.js';
import type { Change } from './lmdbTable.js';

/** The lmdb environment of a key store: versions by the UTF-8 bytes of their key, requests by their id, and the checkpoint's facts. */
export interface LmdbFiles {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly versions: Database<Buffer, Buffer>;
  readonly requests: Database<Buffer, Buffer>;
  readonly facts: Database<Buffer, Buffer>;
  /** The file that holds all of it. */
  readonly path: string;
}

export const factsKey = Buffer.from('checkpoint');

/** Address space, not memory; lmdb maps more when it needs more. */
const mapBytes = 256 * 1024 * 1024;

/** Stands beside the files once they have been made durable for the first time. */
const createdFile = 'CREATED';

/** @throws KvcError KVC_E_STORE_FAILED */
export async function openLmdbFiles(dir: string): Promise<LmdbFiles> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const path = join(dir, 'data.mdb');
    const isNew = await isUnfinished(dir, path);
    const files = await openEnvironment(dir, path);
    if (isNew) await finishCreation(dir, files);
    return files;
  } catch (cause) {
    if (cause instanceof KvcError) throw cause;
    const message = `the key store in ${dir} cannot be opened (${messageOf(cause)}). Check the directory and its disk`;
    throw new KvcError('KVC_E_STORE_FAILED', message, { dir }, { cause });
  }
}

/**
 * True if the files are yet to be created. What a power failure left of an earlier attempt is removed: as nothing had been
 * made durable, nothing is lost, and lmdb could not open it.
 */
async function isUnfinished(dir: string, path: string): Promise<boolean> {
  const state = await lmdbFileState(path);
  const isCreated = existsSync(join(dir, createdFile));
  if (state === 'damaged' && isCreated) {
    const message = `the key store in ${dir} is damaged: ${path} is cut short or no file of lmdb. Restore it from a copy, or start afresh: kvc up --fresh`;
    throw new KvcError('KVC_E_STORE_FAILED', message, { dir, file: path });
  }
  if (state === 'damaged') await rm(path);
  return !isCreated;
}

async function openEnvironment(dir: string, path: string): Promise<LmdbFiles> {
  // Loaded here, as nodes without durable state should not pay for it.
  const lmdb = await import('lmdb');
  const encodings = { keyEncoding: 'binary', encoding: 'binary' } as const;
  // Without overlapping sync a write's promise resolves when it is durable, not when it is visible. Left to itself, lmdb
  // takes a directory with a dot in its name for a file.
  const root = lmdb.open<Buffer, Buffer>({
    path: dir,
    noSubdir: false,
    mapSize: mapBytes,
    overlappingSync: false,
    ...encodings,
  });
  const versions = root.openDB<Buffer, Buffer>({ name: 'versions', ...encodings });
  const requests = root.openDB<Buffer, Buffer>({ name: 'requests', ...encodings });
  const facts = root.openDB<Buffer, Buffer>({ name: 'facts', ...encodings });
  return { root, versions, requests, facts, path };
}

async function finishCreation(dir: string, files: LmdbFiles): Promise<void> {
  const handle = await open(files.path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await writeFileDurably(join(dir, createdFile), '');
  await syncDir(dirname(dir));
}

export interface FrozenTable {
  readonly database: Database<Buffer, Buffer>;
  encodeFrozen(): Promise<Change[]>;
}

/** Writes the tables' frozen changes and the facts in one durable transaction, on lmdb's own thread. */
export async function writeCheckpoint(
  files: LmdbFiles,
  tables: readonly FrozenTable[],
  checkpoint: Checkpoint,
): Promise<void> {
  const changes: { database: Database<Buffer, Buffer>; change: Change }[] = [];
  for (const table of tables) {
    for (const change of await table.encodeFrozen()) changes.push({ database: table.database, change });
  }
  const facts = encodeCheckpoint(checkpoint);
  try {
    await files.root.batch(() => {
      for (const { database, change } of changes) writeChange(database, change);
      void files.facts.put(factsKey, facts);
    });
  } catch (error) {
    throw await reasonOf(error);
  }
  // Reads of this turn may still hold the view from before the write; the overlay that hid it is about to go.
  files.root.resetReadTxn();
}

function writeChange(database: Database<Buffer, Buffer>, [key, record]: Change): void {
  if (record === null) void database.remove(key);
  else void database.put(key, record);
}

/** lmdb-js gives the reason of a failed commit by a promise of its own, which nobody else awaits. */
async function reasonOf(error: unknown): Promise<unknown> {
  const reason: unknown =
    error instanceof Error ? (error as { commitError?: unknown }).commitError : undefined;
  if (!(reason instanceof Promise)) return error;
  try {
    await Promise.race([reason, Promise.resolve()]);
  } catch (cause) {
    return cause;
  }
  return error;
}
