import { setImmediate as turn } from 'node:timers/promises';
import { startCluster, type StartClusterOptions } from '../../src/testing/index.js';

/** Run as a program: uses clusters, closes them, tells what that has left in its event loop, and comes to its end by itself. */

const mode = process.argv[2] as NonNullable<StartClusterOptions['mode']>;
const count = mode === 'in-process' ? 4 : 2;
const before = process.getActiveResourcesInfo();
const clusters = await Promise.all(Array.from({ length: count }, () => startCluster({ mode, nodes: 2 })));
await Promise.all(
  clusters.map(async (cluster) => {
    const client = await cluster.connect();
    await client.set('k', 'v');
    await cluster.delay('node2', '10m', { for: '1h' });
    await cluster.pause('node1');
    await cluster.kill('node2');
    await cluster.close();
  }),
);
const closedAtMs = performance.now();
// What was closed goes within a few turns of the event loop.
const leftNow = () => process.getActiveResourcesInfo().filter((resource) => !before.includes(resource));
for (let turns = 0; turns < 20 && leftNow().length > 0; turns += 1) await turn();
const left = leftNow();
process.on('exit', () => console.log(JSON.stringify({ left, msToExit: performance.now() - closedAtMs })));
