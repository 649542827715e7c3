import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCluster } from '../../src/cluster/openCluster.js';
import { stopCluster } from '../../src/cluster/stopCluster.js';
import { until } from '../support/until.js';
import { ask, byForce, fileOf, namesNow, nodesOf, order, up, upApart, useTestHome } from './testClusters.js';

const { home } = useTestHome();

describe('a node that finds itself removed', () => {
  it('does not keep the others from starting, and up says how to take it off the list', async () => {
    await upApart(2);
    await stopCluster('test', false);
    order({ node2: { failWith: 'KVC_E_REMOVED' } });
    const { status, notes } = await up();
    expect(status.nodes).toMatchObject([{ state: 'running' }, { state: 'failed' }]);
    expect(notes).toEqual([expect.stringContaining('kvc remove node2 --force')]);
    const { control } = await openCluster('test');
    await control.removeNode('node2', byForce);
    expect(await namesNow()).toEqual(['node1']);
  });

  it('is a failure where there is no other', async () => {
    order({ node1: { failWith: 'KVC_E_REMOVED' } });
    await expect(upApart(1)).rejects.toMatchObject({ code: 'KVC_E_REMOVED' });
  });

  it.each(['KVC_E_REMOVED', 'KVC_E_DATA_FOREIGN', 'KVC_E_FORMAT_UNKNOWN'])(
    'or fails with %s is not started again',
    async (code) => {
      const { status } = await upApart(1);
      await ask(status.nodes[0], `/fail?code=${code}`).catch(() => undefined);
      await until('it has failed', async () => (await nodesOf())[0]?.state === 'failed');
      expect((await nodesOf())[0]?.detail).toBe('it ended with status 1: it was told to fail');
    },
  );

  it.each([
    'KVC_E_DATA_LOST',
    'KVC_E_LOG_CORRUPT',
    'KVC_E_STORE_CORRUPT',
    'KVC_E_DISK_FULL',
    'KVC_E_LOG_FAILED',
  ])('is another thing than one that fails with %s, which may get over it', async (code) => {
    const { status } = await upApart(1);
    await ask(status.nodes[0], `/fail?code=${code}`).catch(() => undefined);
    await until('it runs again', async () => {
      const [node] = await nodesOf();
      return node?.restarts === 1 && node.state === 'running';
    });
  });
});

describe('an ephemeral node', () => {
  const lossesTold = (): string[] =>
    readFileSync(join(home(), 'test', 'logs', 'supervisor.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('without its data'));

  it('comes back as one that has lost its data, on request and by itself', async () => {
    const { status } = await upApart(2, { ephemeral: true });
    expect((await ask(status.nodes[0])).config).toMatchObject({ dataDir: null, hasServed: false });
    const { control } = await openCluster('test');
    await control.kill('node1');
    await control.restart('node1');
    expect((await ask(status.nodes[0])).config).toMatchObject({ dataDir: null, hasServed: true });
    const { pid } = await ask(status.nodes[1]);
    process.kill(pid, 'SIGKILL');
    await until('node2 runs again', async () => {
      const [, node2] = await nodesOf();
      return node2?.restarts === 1 && node2.state === 'running';
    });
    expect((await ask(status.nodes[1])).config.hasServed).toBe(true);
    expect(lossesTold()).toMatchObject([
      expect.stringMatching(/node1 starts without its data.*it gets what the other nodes have/),
      expect.stringMatching(/node2 starts without its data/),
    ]);
  });

  it('that is alone has lost it for good, which the log says', async () => {
    await upApart(1, { ephemeral: true });
    await (await openCluster('test')).control.restart('node1');
    expect(lossesTold()).toMatchObject([expect.stringContaining('all that was written is lost')]);
  });
});

describe('limits', () => {
  it('are given to the nodes, stay from start to start, and can be changed there', async () => {
    const first = await upApart(1, { limits: { logBytesMax: 2 ** 20, pendingUpdatesMax: 7 } });
    expect(first.status.limits).toMatchObject({
      logBytesMax: 2 ** 20,
      pendingUpdatesMax: 7,
      requestIdsMs: 60_000,
    });
    expect((await ask(first.status.nodes[0])).config.limits).toEqual({
      logBytesMax: 2 ** 20,
      pendingUpdatesMax: 7,
    });
    await stopCluster('test', false);
    const second = await up({ limits: { logBytesMax: 256 * 2 ** 20, loopLagMsMax: 99 } });
    expect((await ask(second.status.nodes[0])).config.limits).toEqual({
      pendingUpdatesMax: 7,
      loopLagMsMax: 99,
    });
    expect(fileOf(home()).limits).toEqual({ pendingUpdatesMax: 7, loopLagMsMax: 99 });
    const added = await (await openCluster('test')).control.addNode({});
    expect((await ask(added)).config.limits).toEqual({ pendingUpdatesMax: 7, loopLagMsMax: 99 });
    await stopCluster('test', false);
    await up({ fresh: true, nodes: 1 });
    expect(fileOf(home()).limits).toEqual({});
  });
});
