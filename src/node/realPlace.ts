import type { DataPlace } from '../driver/surroundings.js';
import { lockDataDir } from '../storage/dataLock.js';
import { realFiles } from '../storage/realFiles.js';

/** The machine's disk, for the process of that instance. lmdb is loaded by nodes that use it alone. */
export function realPlace(instance: string): DataPlace {
  return {
    files: realFiles,
    openStore: async (dir, report) => {
      const { openLmdbKeyStore } = await import('../storage/lmdb/lmdbKeyStore.js');
      return openLmdbKeyStore(dir, (message, facts) => report('info', message, facts));
    },
    lock: (dir) => lockDataDir(dir, instance),
  };
}
