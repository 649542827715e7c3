import { setTimeout } from 'node:timers/promises';
import { LmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { openLmdbFiles } from '../../../src/storage/lmdb/openLmdbFiles.js';

/**
 * Merges the staged snapshot of a store, and kills itself in the middle of the given transaction, so many ms after it was
 * begun. Tells how many there were if it is not that many.
 */
const [, , dir = '', killedIn = '', afterMs = ''] = process.argv;
const files = await openLmdbFiles(dir);
const batch = files.root.batch.bind(files.root);
let transactions = 0;
files.root.batch = (write: () => unknown): Promise<boolean> => {
  transactions += 1;
  const written = batch(write);
  if (transactions === Number(killedIn)) {
    void setTimeout(Number(afterMs)).then(() => process.kill(process.pid, 'SIGKILL'));
    // The next one must not begin before.
    return written.then(() => new Promise<never>(() => undefined));
  }
  return written;
};
const store = new LmdbKeyStore(files);
await store.mergeStaged();
await store.close();
process.send?.(transactions);
