import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stopCluster } from '../../src/cluster/stopCluster.js';
import { until } from '../support/until.js';
import {
  ask,
  fileOf,
  leaving,
  namesNow,
  nodesOf,
  order,
  up,
  upWithControl,
  useTestHome,
} from './testClusters.js';

const { home, dataDir } = useTestHome();

describe('add', () => {
  it('starts a node that knows all others, on the next port, under the next name, and lists it', async () => {
    const control = await upWithControl(2);
    const [node1, node2] = await nodesOf();
    const added = await control.addNode({});
    expect(added).toMatchObject({ name: 'node3', port: node2!.port + 1, state: 'running', restarts: 0 });
    const { config } = await ask(added);
    expect(config).toMatchObject({ self: 'node3', founders: ['node1', 'node2'], hasServed: false });
    expect(config.members.map(({ name, port }) => [name, port])).toEqual([
      ['node1', node1!.port],
      ['node2', node2!.port],
      ['node3', added.port],
    ]);
    expect(fileOf(home()).nodes[2]).toEqual({ name: 'node3', port: added.port, hasServed: true });
    expect(await control.addNode({ name: 'spare' })).toMatchObject({ name: 'spare', port: added.port + 1 });
    await stopCluster('test', false);
    const again = await up();
    expect(again.status.nodes.map(({ name }) => name)).toEqual(['node1', 'node2', 'node3', 'spare']);
    expect((await ask(again.status.nodes[2])).config).toMatchObject({
      founders: ['node1', 'node2'],
      hasServed: true,
    });
  });

  it('says on disk that the node has served before it does, for its supervisor may die any time', async () => {
    order({ node2: { progress: 'loads a snapshot from node1: 45 %' } });
    const control = await upWithControl(1);
    const adding = control.addNode({});
    await until('it loads', async () => (await nodesOf())[1]?.detail === 'loads a snapshot from node1: 45 %');
    expect((await nodesOf())[1]?.state).toBe('starting');
    expect(fileOf(home()).nodes[1]).toMatchObject({ name: 'node2', hasServed: true });
    const { config } = await ask((await nodesOf())[1], '/ready');
    expect(config.hasServed).toBe(false);
    expect(await adding).toMatchObject({ name: 'node2', state: 'running', detail: null });
  });

  it('takes a node under a former name for another one, without the data of the first', async () => {
    const control = await upWithControl(2);
    await control.removeNode('node2', leaving);
    mkdirSync(dataDir('node2'), { recursive: true });
    writeFileSync(join(dataDir('node2'), 'identity.json'), 'of the first node2');
    expect(await control.addNode({})).toMatchObject({ name: 'node3' });
    const second = await control.addNode({ name: 'node2' });
    expect((await ask(second)).config.hasServed).toBe(true);
    expect(existsSync(join(dataDir('node2'), 'identity.json'))).toBe(false);
  });

  it('moves on when the next port is free, but not that of the Redis protocol', async () => {
    const control = await upWithControl(1);
    const port = (await nodesOf())[0]!.port + 1;
    const stranger = createServer().listen(port + 1000, '127.0.0.1');
    try {
      const added = { name: 'node2', port: port + 1, resp_port: port + 1001 };
      expect(await control.addNode({})).toMatchObject(added);
    } finally {
      stranger.close();
    }
  });

  it('moves on when the next port is taken', async () => {
    const control = await upWithControl(1);
    const port = (await nodesOf())[0]!.port + 1;
    const stranger = createServer().listen(port, '127.0.0.1');
    try {
      expect(await control.addNode({})).toMatchObject({ name: 'node2', port: port + 1 });
    } finally {
      stranger.close();
    }
  });

  it('leaves nothing behind when the node does not start, and has the others forget it', async () => {
    order({ node3: { failWith: 'KVC_E_DISK_FULL' } });
    const control = await upWithControl(2);
    await expect(control.addNode({})).rejects.toMatchObject({
      code: 'KVC_E_DISK_FULL',
      message: 'node3 did not start: it was told to fail',
      facts: { try: ['kvc logs node3'] },
    });
    expect(await namesNow()).toEqual(['node1', 'node2']);
    expect(fileOf(home())).toMatchObject({
      formerNodes: ['node3'],
      nodes: [{ name: 'node1' }, { name: 'node2' }],
    });
    expect(readdirSync(join(home(), 'test', 'run'))).toEqual(['node1', 'node2']);
    expect((await ask((await nodesOf())[0])).asked).toEqual([
      { action: 'remove', query: '', body: { node: 'node3' } },
    ]);
    expect(await control.addNode({})).toMatchObject({ name: 'node4', state: 'running' });
  });

  it('keeps the name free when the node did not get so far as to be heard of', async () => {
    order({ node2: { failWith: 'KVC_E_PORT_TAKEN' } });
    const control = await upWithControl(1);
    await expect(control.addNode({})).rejects.toMatchObject({ code: 'KVC_E_PORT_TAKEN' });
    expect(fileOf(home())).toMatchObject({ formerNodes: [], nodes: [{ name: 'node1' }] });
    expect((await ask((await nodesOf())[0])).asked).toEqual([]);
  });

  it('keeps a node that failed on the list while no other confirms that it will not come', async () => {
    order({ node1: { remove: 'KVC_E_NOT_READY' }, node2: { failWith: 'KVC_E_DISK_FULL' } });
    const control = await upWithControl(1);
    await expect(control.addNode({})).rejects.toMatchObject({
      code: 'KVC_E_DISK_FULL',
      message: expect.stringMatching(
        /^node2 did not start[^]*node2 stays on the list[^]*told to refuse/,
      ) as string,
      facts: { try: ['kvc restart node2', 'kvc remove node2 --force'] },
    });
    expect((await nodesOf())[1]).toMatchObject({ name: 'node2', state: 'killed' });
  });

  it('refuses a name that is in use, and a cluster in which no node runs', async () => {
    const control = await upWithControl(1);
    await expect(control.addNode({ name: 'node1' })).rejects.toMatchObject({ code: 'KVC_E_STATE_CONFLICT' });
    await control.pause('node1');
    await expect(control.addNode({})).rejects.toMatchObject({
      code: 'KVC_E_STATE_CONFLICT',
      facts: { try: ['kvc resume node1'] },
    });
    expect(await namesNow()).toEqual(['node1']);
  });
});
