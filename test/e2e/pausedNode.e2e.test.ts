import { expect, it } from 'vitest';
import { startCluster } from '../../src/testing/startCluster.js';

/* A process that is stopped finds requests in its sockets when it goes on, although who sent them has long gone elsewhere. */

it('a write goes to another node where a process stands still, which does not do it as well when it goes on', async () => {
  await using cluster = await startCluster({ nodes: 3, mode: 'processes' });
  const client = await cluster.connect();
  const clockOf = async (node: string) => (await cluster.inspect(node)).clock;
  for (let round = 1; round <= 5; round += 1) {
    const { node: asked } = await client.set('warm', round);
    // What only it has, a session that has seen it can find nowhere else.
    await cluster.converged();
    await cluster.pause(asked);
    const { node } = await client.increment('count');
    expect(node).not.toBe(asked);
    const before = await clockOf(node);
    await cluster.resume(asked);
    await cluster.converged();
    expect(await clockOf(asked)).toEqual(before);
    expect(await client.get('count', { node: asked })).toMatchObject({ value: round });
  }
});
