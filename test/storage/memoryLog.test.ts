import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { updateLogContract } from '../contracts/updateLog.js';

updateLogContract('the log in memory', () => Promise.resolve(new MemoryUpdateLog()));
