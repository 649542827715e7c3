import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestNodes, type TestNode } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;
let node1: TestNode;
let node3: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start({ durable: true });
  node1 = nodes.node(1);
  node3 = nodes.node(3);
});
afterEach(() => nodes.stop());

async function valueAt(node: TestNode, key: string): Promise<string | null> {
  return (await node.client.read(key)).value;
}

async function goneAt(key: string, ...places: TestNode[]): Promise<void> {
  for (const node of places)
    await until(`gone at ${node.name}`, async () => (await valueAt(node, key)) === null);
}

async function sameDigest(): Promise<void> {
  await until('all nodes have the same', async () => {
    const digests = await Promise.all(nodes.nodes.map(({ client }) => client.digest()));
    return new Set(digests.map(({ digest, keys }) => digest + String(keys))).size === 1;
  });
}

describe('a value that is to expire', () => {
  it('says when, and goes everywhere then, by an update of the node that took it', async () => {
    const before = Date.now();
    const written = await node1.client.write('k', 'v', { ttlMs: 300 });
    expect(written.expires_at_ms).toBeGreaterThanOrEqual(before + 300);
    expect(written.expires_at_ms).toBeLessThan(Date.now() + 1000);
    const read = await node3.client.read('k', { session: written.session });
    expect(read).toMatchObject({ value: 'v', expires_at_ms: written.expires_at_ms, siblings: [] });
    await goneAt('k', ...nodes.nodes);
    expect(Date.now()).toBeGreaterThanOrEqual(written.expires_at_ms!);
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      expect((await client.inspect()).clock).toEqual({ node1: 2 });
      expect(await client.list()).toMatchObject({ keys: [] });
    }
    await sameDigest();
  });

  it('stays where it was written again before, with another time or for good', async () => {
    await node1.client.write('k', 'brief', { ttlMs: 200 });
    await node1.client.write('k', 'stays');
    await node1.client.write('other', 'brief', { ttlMs: 200 });
    const later = await node1.client.write('other', 'longer', { ttlMs: 3_600_000 });
    await node1.client.write('marker', 'x', { ttlMs: 250 });
    await goneAt('marker', node1, node3);
    expect(await node3.client.read('k')).toMatchObject({ value: 'stays' });
    expect(await node3.client.read('k')).not.toHaveProperty('expires_at_ms');
    expect(await node3.client.read('other')).toMatchObject({
      value: 'longer',
      expires_at_ms: later.expires_at_ms,
    });
  });

  it('may be one of a batch, or raw bytes', async () => {
    const { writes } = await node1.client.batch([
      { key: 'a', value: '1', ttl_ms: 200 },
      { key: 'b', value: '2' },
    ]);
    expect(writes).toMatchObject([{ key: 'a', expires_at_ms: expect.any(Number) as number }, { key: 'b' }]);
    const put = await fetch(`${node1.url}/kv/raw?ttl_ms=200`, { method: 'PUT', body: 'x' });
    expect(await put.json()).toMatchObject({ value: 'x', expires_at_ms: expect.any(Number) as number });
    await goneAt('a', ...nodes.nodes);
    await goneAt('raw', ...nodes.nodes);
    expect(await valueAt(node3, 'b')).toBe('2');
  });

  it('that another node has written over concurrently leaves that', async () => {
    await nodes.converged();
    await nodes.holdAll();
    await node1.client.write('k', 'brief', { ttlMs: 100 });
    await node3.client.write('k', 'stays');
    await goneAt('k', node1);
    await nodes.healAll();
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      expect(await client.read('k')).toMatchObject({ value: 'stays', siblings: [] });
    }
    await sameDigest();
  });

  it('goes at the other nodes when the one that took it is dead, and does not come back with it', async () => {
    await node1.client.write('k', 'v', { ttlMs: 400 });
    await nodes.converged();
    await node1.close();
    expect(await valueAt(node3, 'k')).toBe('v');
    await goneAt('k', nodes.node(2), node3);
    await node1.open();
    await goneAt('k', node1);
    await nodes.converged();
    await sameDigest();
  });

  it('goes after a restart of its node, which was down when it was due', async () => {
    const single = await TestNodes.start({ count: 1, durable: true });
    try {
      const node = single.node(1);
      const { expires_at_ms: dueMs = 0 } = await node.client.write('k', 'v', { ttlMs: 100 });
      await node.close();
      await until('it is due', () => Date.now() > dueMs);
      await node.open();
      await goneAt('k', node);
    } finally {
      await single.stop();
    }
  });
});

describe('a session that has seen that a value is gone', () => {
  it('never meets it again at a node that does not know of that yet', async () => {
    const { session } = await node1.client.write('k', 'v', { ttlMs: 300, session: 'new' });
    expect(await node3.client.read('k', { session })).toMatchObject({ value: 'v' });
    await nodes.holdAll();
    await goneAt('k', node1);
    const gone = await node1.client.read('k', { session });
    expect(gone).toMatchObject({ value: null, dot: { node: 'node1', counter: 2 } });
    const late = node3.client.read('k', { session: gone.session, timeoutMs: 30 });
    await expect(late).rejects.toMatchObject({
      code: 'KVC_E_DEPS_TIMEOUT',
      facts: { missing: [{ node: 'node1', counter: 2 }] },
    });
    await nodes.healAll();
    expect(await node3.client.read('k', { session: gone.session })).toMatchObject({ value: null });
  });
});

describe('a time to live', () => {
  it.each([0, -1, 0.5, '5', null, 315_360_000_001])('of %j is refused', async (ttl_ms) => {
    for (const [path, body] of [
      ['/write', { key: 'k', value: 'v', ttl_ms }],
      ['/batch', { writes: [{ key: 'k', value: 'v', ttl_ms }] }],
    ] as const) {
      expect(await node1.call('POST', path, { body })).toMatchObject({
        status: 400,
        body: { error: { code: 'KVC_E_BAD_REQUEST', message: expect.stringContaining('ttl_ms') as string } },
      });
    }
    expect((await node1.client.inspect()).clock).toEqual({});
  });

  it.each(['0', '-1', '1.5', 'x', ''])('of %j in a query is refused', async (text) => {
    const answer = await fetch(`${node1.url}/kv/k?ttl_ms=${text}`, { method: 'PUT', body: 'x' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'KVC_E_BAD_REQUEST' } });
  });

  it('is no parameter of a delete', async () => {
    expect(await node1.call('DELETE', '/kv/k?ttl_ms=5')).toMatchObject({ status: 400 });
  });
});
