import { existsSync, mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCluster } from '../../src/cluster/openCluster.js';
import { stopCluster } from '../../src/cluster/stopCluster.js';
import {
  ask,
  byForce,
  fileOf,
  isAlive,
  leaving,
  namesNow,
  nodesOf,
  order,
  up,
  upWithControl,
  useTestHome,
} from './testClusters.js';

const { home, dataDir } = useTestHome();

describe('remove', () => {
  it('lets the node hand on what it has, then stops it, and deletes its data and its faults', async () => {
    const control = await upWithControl(3);
    const [node1, node2] = await nodesOf();
    const { pid } = await ask(node2);
    mkdirSync(dataDir('node2'), { recursive: true });
    await control.addFault({ kind: 'hold', target: 'node2', both: true, for_ms: null });
    const removed = await control.removeNode('node2', { force: false, timeout_ms: 12_345 });
    expect(removed).toEqual({ node: 'node2', forced: false, handed_on_to: ['node1', 'node3'] });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dataDir('node2'))).toBe(false);
    expect(fileOf(home())).toMatchObject({
      formerNodes: ['node2'],
      nodes: [{ name: 'node1' }, { name: 'node3' }],
    });
    expect((await control.status()).faults).toEqual([]);
    expect((await ask(node1)).faults).toEqual([]);
    expect(await namesNow()).toEqual(['node1', 'node3']);
    await expect(control.restart('node2')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    await control.restart('node1');
    expect((await ask(node1)).config).toMatchObject({
      founders: ['node1', 'node2', 'node3'],
      members: [{ name: 'node1' }, { name: 'node3' }],
    });
  });

  it('gives the node the time that it may take', async () => {
    order({ node2: { leave: 'KVC_E_NOT_READY' } });
    const control = await upWithControl(2);
    await expect(control.removeNode('node2', { force: false, timeout_ms: 12_345 })).rejects.toMatchObject({
      code: 'KVC_E_NOT_READY',
      facts: {
        try: [
          'kvc remove node2 --timeout 5m',
          'kvc remove node2 --force (writes that only node2 has are lost)',
        ],
      },
    });
    const [, node2] = await nodesOf();
    expect(node2?.state).toBe('running');
    expect((await ask(node2)).asked).toEqual([{ action: 'leave', query: '?timeout_ms=12345', body: {} }]);
  });

  it('refuses a node that cannot hand its data on, and says what force would cost', async () => {
    const control = await upWithControl(3);
    await control.kill('node2');
    await control.pause('node3');
    for (const [node, state, remedy] of [
      ['node2', 'killed', 'kvc restart node2'],
      ['node3', 'paused', 'kvc resume node3'],
    ] as const) {
      await expect(control.removeNode(node, leaving)).rejects.toMatchObject({
        code: 'KVC_E_STATE_CONFLICT',
        message: `${node} is ${state}, so it cannot hand its data on`,
        facts: { try: [remedy, `kvc remove ${node} --force (writes that only ${node} has are lost)`] },
      });
    }
    expect(await namesNow()).toEqual(['node1', 'node2', 'node3']);
  });

  it('refuses the last node, and one beside which no other runs, and leaves it running', async () => {
    const control = await upWithControl(2);
    await control.kill('node2');
    for (const how of [leaving, byForce]) {
      await expect(control.removeNode('node1', how)).rejects.toMatchObject({
        code: 'KVC_E_STATE_CONFLICT',
        message: 'node1 cannot be removed while no other node runs',
        facts: { try: ['kvc restart node2'] },
      });
    }
    await control.removeNode('node2', byForce);
    for (const how of [leaving, byForce]) {
      await expect(control.removeNode('node1', how)).rejects.toMatchObject({
        code: 'KVC_E_STATE_CONFLICT',
        message: expect.stringContaining('the only node') as string,
      });
    }
    await expect(control.removeNode('node2', byForce)).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    expect((await nodesOf()).map(({ state }) => state)).toEqual(['running']);
  });

  it.each(['kill', 'pause'] as const)(
    'by force, after %s, asks another node, and tells what is held',
    async (verb) => {
      const control = await upWithControl(2);
      const [node1, node2] = await nodesOf();
      const { pid } = await ask(node2);
      await control[verb]('node2');
      expect(await control.removeNode('node2', byForce)).toEqual({
        node: 'node2',
        forced: true,
        held: { node2: 41 },
      });
      expect(isAlive(pid)).toBe(false);
      expect((await ask(node1)).asked).toEqual([{ action: 'remove', query: '', body: { node: 'node2' } }]);
      expect(await namesNow()).toEqual(['node1']);
    },
  );

  it('by force asks the next node where one refuses', async () => {
    order({ node1: { remove: 'KVC_E_NOT_READY' } });
    const control = await upWithControl(3);
    await control.kill('node3');
    expect(await control.removeNode('node3', byForce)).toMatchObject({ held: { node3: 41 } });
  });

  it('by force keeps the node where no other takes it out, and takes one that no other knows off the list', async () => {
    order({ node1: { remove: 'KVC_E_NOT_READY' }, node2: { remove: 'KVC_E_NOT_READY' } });
    const control = await upWithControl(3);
    await expect(control.removeNode('node3', byForce)).rejects.toMatchObject({ code: 'KVC_E_NOT_READY' });
    expect((await nodesOf())[2]).toMatchObject({ name: 'node3', state: 'killed' });
    await stopCluster('test', false);
    order({ node1: { remove: 'KVC_E_NODE_UNKNOWN' } });
    await up();
    const again = (await openCluster('test')).control;
    expect(await again.removeNode('node3', byForce)).toEqual({ node: 'node3', forced: true, held: {} });
  });
});
