import { until } from '../support/until.js';
import { startStandIns } from './standIns.js';

/**
 * Run as a program: exits in the midst of a cluster of stand-in nodes, one that runs, one that is paused, and one that is
 * being removed and stands still. None of the last two notices that this process is gone. Prints all process ids.
 */

process.env['KVC_TEST_NODE'] = JSON.stringify({ node3: { deaf: true } });
const { cluster, pids } = await startStandIns({ nodes: 3 });
cluster.pause('node2');
void cluster.supervisor.membership.remove('node3', { force: false, timeout_ms: 10_000 });
await until('node3 is off the list', () => cluster.nodes.length === 2);
if (pids.node3 === undefined) throw new Error('node3 has no process');
process.kill(pids.node3, 'SIGSTOP');
console.log(JSON.stringify(Object.values(pids)));
process.exit(3);
