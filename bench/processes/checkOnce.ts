import { checkHistory } from '../../src/check/checkHistory.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { storeHistory } from '../../test/support/storeHistory.js';

/**
 * Checks one history in a process of its own, so that its memory is nobody else's. Arguments: operations, sessions, delivery.
 * Writes one line of JSON: milliseconds of processor time, bytes, the verdict.
 */
const [, , operations, sessions, delivery] = process.argv;
const history = storeHistory({
  random: new SeededRandom(1),
  operations: Number(operations),
  sessions: Number(sessions),
  keys: 1000,
  replicas: 5,
  delivery: delivery === 'fifo' ? 'fifo' : 'causal',
  indefinite: 0.01,
  transactions: 0.1,
});
const began = process.cpuUsage();
const { verdict } = checkHistory(history);
const { user, system } = process.cpuUsage(began);
const result = { ms: (user + system) / 1000, bytes: process.resourceUsage().maxRSS * 1024, verdict };
process.stdout.write(`${JSON.stringify(result)}\n`);
