import { MemoryKeyStore } from '../../../src/storage/memory/memoryKeyStore.js';
import { keyStoreContract } from '../../contracts/keyStore.js';
import { storeSnapshotContract } from '../../contracts/storeSnapshot.js';

const open = (): Promise<MemoryKeyStore> => Promise.resolve(new MemoryKeyStore());

keyStoreContract('the key store in memory', open);
storeSnapshotContract('the key store in memory', open, { numRuns: 300 });
