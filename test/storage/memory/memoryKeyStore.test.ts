import { MemoryKeyStore } from '../../../src/storage/memory/memoryKeyStore.js';
import { keyStoreContract } from '../../contracts/keyStore.js';

keyStoreContract('the key store in memory', () => Promise.resolve(new MemoryKeyStore()));
