import type { Change, LmdbDatabase, LmdbFiles } from './environment.js';
import { writeFailure } from './lmdbFailure.js';

/**
 * Carries out the writes that `write` makes by the functions below in one durable transaction, on lmdb's own thread. One
 * at a time: what is asked for while one is under way might join it. The promise of a single write says nothing here.
 * @throws KvcError KVC_E_DISK_FULL, KVC_E_STORE_CORRUPT, KVC_E_STORE_FAILED; nothing is written then
 */
export async function commit(files: LmdbFiles, write: () => void): Promise<void> {
  try {
    await files.root.batch(write);
  } catch (error) {
    throw await writeFailure(files.dir, error);
  }
  // Reads of this turn may still hold the view from before the write; the overlay that hid it is about to go.
  files.root.resetReadTxn();
}

export function change({ database, key, record }: Change): void {
  if (record === null) remove(database, key);
  else put(database, key, record);
}

export function put(database: LmdbDatabase, key: Buffer, record: Buffer): void {
  void database.put(key, record);
}

export function remove(database: LmdbDatabase, key: Buffer): void {
  void database.remove(key);
}

export function clear(database: LmdbDatabase): void {
  void database.clearAsync();
}
