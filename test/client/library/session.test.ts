import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { TestNodes, testClusterId } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let client: KvcClient;

beforeEach(async () => {
  nodes = await TestNodes.start();
  client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
});
afterEach(async () => {
  await client.close();
  await nodes.stop();
});

describe('a client', () => {
  it('is a session: it waits at a node that is behind for what it has written elsewhere', async () => {
    await nodes.holdAll();
    await client.set('mine', '1', { node: 'node1' });
    const reading = client.get('mine', { node: 'node3' });
    const { client: node3 } = nodes.node(3);
    await until('the read waits', async () => (await node3.inspect()).waiting_requests === 1);
    await nodes.healAll();
    expect(await reading).toMatchObject({ value: '1', node: 'node3', dot: { node: 'node1', counter: 1 } });
  });

  it('has the token that the HTTP API has, both ways', async () => {
    const { token } = await client.set('a', 'x', { node: 'node1' });
    expect(token).toBe(client.token);
    expect(token).toBe(`kvc1.${testClusterId}.node1:1`);
    const other = await nodes.node(2).client.write('b', 'y', { session: token });
    client.advance(other.session);
    expect(client.token).toBe(`kvc1.${testClusterId}.node1:1,node2:1`);
    expect(await client.get('b', { node: 'node3' })).toMatchObject({ value: 'y', token: client.token });
  });

  it('adds up what answers of calls that run at the same time have seen', async () => {
    await nodes.holdAll();
    await Promise.all(['node1', 'node2', 'node3'].map((node) => client.set(node, 1, { node })));
    expect(client.token).toBe(`kvc1.${testClusterId}.node1:1,node2:1,node3:1`);
  });

  it('begins where another one, in another process, was', async () => {
    await nodes.holdAll();
    const { token } = await client.set('a', 1, { node: 'node1' });
    await using next = await connect({ nodes: [nodes.node(2).url], session: token });
    expect(next.token).toBe(token);
    await expect(next.get('a', { timeout: 2000 })).rejects.toMatchObject({
      code: 'KVC_E_DEPS_TIMEOUT',
      facts: { node: 'node2', missing: [{ node: 'node1', counter: 1 }] },
    });
  });

  it('forks: neither sees what the other does from then on', async () => {
    await client.set('a', 1, { node: 'node1' });
    const fork = client.session();
    expect(fork.token).toBe(client.token);
    await client.set('b', 1, { node: 'node1' });
    expect(fork.token).toBe(`kvc1.${testClusterId}.node1:1`);
    expect(client.session('new').token).toBe(`kvc1.${testClusterId}.`);
    expect(client.session(client.token).token).toBe(`kvc1.${testClusterId}.node1:2`);
  });

  it('stays at a node, in the same session, when told to', async () => {
    const node2 = client.at('node2');
    expect(await node2.set('a', 1)).toMatchObject({ node: 'node2' });
    expect(client.token).toBe(node2.token);
    expect(await node2.get('a')).toMatchObject({ node: 'node2', value: 1 });
    await nodes.node(2).close();
    await expect(node2.get('a', { timeout: 150 })).rejects.toMatchObject({
      code: 'KVC_E_NODE_DOWN',
      definite: true,
    });
    await expect(client.at('node9').get('a')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
  });

  it('refuses tokens of other clusters, and what is no token', async () => {
    expect(() => client.advance('kvc1.other.node1:1')).toThrow(
      expect.objectContaining({ code: 'KVC_E_TOKEN_FOREIGN' }),
    );
    expect(() => client.session('hello')).toThrow(expect.objectContaining({ code: 'KVC_E_TOKEN_INVALID' }));
    const urls = [nodes.node(1).url];
    await expect(connect({ nodes: urls, session: 'kvc1.other.node1:1' })).rejects.toMatchObject({
      code: 'KVC_E_TOKEN_FOREIGN',
    });
    expect(client.token).toBe(`kvc1.${testClusterId}.`);
  });

  it('gives with each entry a token that has seen it', async () => {
    await nodes.node(1).client.write('a', 'x');
    const entry = await client.get('a', { node: 'node1' });
    await client.set('later', 1, { node: 'node1' });
    expect(entry.token).toBe(`kvc1.${testClusterId}.node1:1`);
  });

  it('shows nothing that contradicts causality while links are slow', async () => {
    for (const node of nodes.nodes) {
      const peers = nodes.nodes.filter((peer) => peer !== node);
      await node.addFaults(
        peers.map(({ name }) => ({ kind: 'delay', target: name, delay_ms: 10, jitter_ms: 10 })),
      );
    }
    for (let turn = 1; turn <= 40; turn += 1) {
      const written = await client.set('turn', turn, { node: `node${(turn % 3) + 1}` });
      const read = await client.get('turn', { node: `node${((turn + 1) % 3) + 1}` });
      expect(read).toMatchObject({ value: turn, siblings: [], dot: written.dot });
    }
  });
});
