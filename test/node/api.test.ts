import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KeysResponseJson, ReadResponseJson } from '../../src/protocol/api.js';
import { TestNodes } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;

beforeAll(async () => {
  nodes = await TestNodes.start();
});
afterAll(() => nodes.stop());

/** As long as the others lack a delete its tombstone stays, and with it the dot. */
async function keepTombstones(): Promise<void> {
  await nodes.holdAll();
  onTestFinished(() => nodes.healAll());
}

describe('a first write', () => {
  it('is answered with its dot and clock, and is readable at another node within a second', async () => {
    const [node1, node2] = [nodes.node(1), nodes.node(2)];
    const written = await node1.call('POST', '/write', { body: { key: 'x', value: '1' } });
    expect(written).toMatchObject({
      status: 200,
      body: { key: 'x', value: '1', dot: { node: 'node1', counter: 1 }, clock: { node1: 1 } },
    });
    const read = await until(
      'node2 has x',
      async () => {
        const answer = await node2.call('GET', '/read?key=x');
        return answer.status === 200 && answer;
      },
      1000,
    );
    expect(read.body).toMatchObject({
      key: 'x',
      value: '1',
      dot: { node: 'node1', counter: 1 },
      siblings: [],
      clock: { node1: 1 },
    });
    await nodes.converged();
  });
});

describe('reading', () => {
  it('answers an absent key with 404, the error, the clock and a session', async () => {
    const { status, body } = await nodes.node(1).call('GET', '/read?key=nobody');
    expect(status).toBe(404);
    expect(body).toMatchObject({
      error: { code: 'KVC_E_KEY_NOT_FOUND' },
      key: 'nobody',
      value: null,
      dot: null,
      siblings: [],
    });
    expect(body).toHaveProperty('clock');
    expect(body).toHaveProperty('session');
  });

  it('answers a deleted key with 404 and the dot of the delete', async () => {
    await keepTombstones();
    const { client } = nodes.node(1);
    await client.write('gone', 'soon');
    const removed = await client.remove('gone');
    const read = await nodes.node(1).call('GET', '/read?key=gone');
    expect(read).toMatchObject({ status: 404, body: { value: null, dot: removed.dot } });
  });

  it('gives the bare value to who prefers plain text, and says 404 in plain text', async () => {
    const { client, url } = nodes.node(1);
    await client.write('plain', 'grün\n');
    const plain = { headers: { accept: 'text/plain' } };
    const found = await fetch(`${url}/read?key=plain`, plain);
    expect(found.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(found.headers.get('kvc-session')).toMatch(/^kvc1\./);
    expect(await found.text()).toBe('grün\n');
    const absent = await fetch(`${url}/read?key=not-there`, plain);
    expect(absent.status).toBe(404);
    expect(absent.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await absent.text()).toContain('not-there');
  });

  it('gives an empty value as a value', async () => {
    const { client, url } = nodes.node(1);
    await client.write('empty', '');
    expect(await client.read('empty')).toMatchObject({ value: '' });
    const plain = await fetch(`${url}/read?key=empty`, { headers: { accept: 'text/plain' } });
    expect([plain.status, await plain.text()]).toEqual([200, '']);
    const raw = await fetch(`${url}/kv/empty`);
    expect([raw.status, await raw.text()]).toEqual([200, '']);
  });
});

describe('a batch', () => {
  it('is one update with one dot, and a snapshot read shows all of it', async () => {
    await keepTombstones();
    const { client } = nodes.node(2);
    await client.write('batch/c', 'old');
    const batch = await client.batch([
      { key: 'batch/a', value: '1' },
      { key: 'batch/b', value: '2' },
      { key: 'batch/c', delete: true },
    ]);
    const { entries } = await client.readMany(['batch/a', 'batch/b', 'batch/c', 'batch/d']);
    expect(entries).toEqual([
      { key: 'batch/a', value: '1', dot: batch.dot, siblings: [] },
      { key: 'batch/b', value: '2', dot: batch.dot, siblings: [] },
      { key: 'batch/c', value: null, dot: batch.dot, siblings: [] },
      { key: 'batch/d', value: null, dot: null, siblings: [] },
    ]);
  });
});

describe('raw values', () => {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  it('keep every byte, at the node that took them and at the others', async () => {
    const key = encodeURIComponent('raw/ä ?#%/..');
    const put = await fetch(`${nodes.node(1).url}/kv/${key}`, { method: 'PUT', body: everyByte });
    expect(put.status).toBe(200);
    const session = put.headers.get('kvc-session') ?? '';
    for (const node of nodes.nodes) {
      const got = await fetch(`${node.url}/kv/${key}`, { headers: { 'kvc-session': session } });
      expect(Buffer.from(await got.arrayBuffer())).toEqual(everyByte);
      expect(got.headers.get('content-type')).toBe('application/octet-stream');
      expect(got.headers.get('kvc-dot')).toMatch(/^node1:\d+$/);
      expect(got.headers.get('kvc-siblings')).toBe('0');
    }
  });

  it('show as base64 in JSON, and can be written so', async () => {
    const { client } = nodes.node(1);
    await client.write('raw/json', everyByte);
    const encoded = { value: everyByte.toString('base64'), encoding: 'base64' };
    expect(await client.read('raw/json')).toMatchObject(encoded);
  });

  it('are gone after DELETE, which answers like a write', async () => {
    const { url } = nodes.node(1);
    await fetch(`${url}/kv/raw-gone`, { method: 'PUT', body: 'x' });
    const removed = await fetch(`${url}/kv/raw-gone`, { method: 'DELETE' });
    expect(await removed.json()).toMatchObject({ key: 'raw-gone', value: null, dot: { node: 'node1' } });
    const read = await fetch(`${url}/kv/raw-gone`);
    expect(read.status).toBe(404);
    expect(await read.json()).toMatchObject({ error: { code: 'KVC_E_KEY_NOT_FOUND' } });
  });

  it('hold exactly 1 MiB, by JSON and by /kv', async () => {
    const large = Buffer.alloc(1024 * 1024, '\u0001');
    const { url, client } = nodes.node(1);
    const put = await fetch(`${url}/kv/large`, { method: 'PUT', body: large });
    expect(put.status).toBe(200);
    // As JSON each of these bytes is escaped as six.
    const { session } = await client.write('large', large);
    const read = await nodes.node(3).client.read('large', { session });
    expect(read.value === large.toString()).toBe(true);
  });
});

describe('keys', () => {
  const unusual = ['k/', 'k/\0', 'k/ ', 'k/"\\', 'k/..', 'k/é', 'k/\uffff', 'k/😀', `k/${'x'.repeat(1000)}`];

  async function pages(prefix: string, limit: number): Promise<KeysResponseJson[]> {
    const all: KeysResponseJson[] = [];
    let cursor: string | null = null;
    do {
      const from: { cursor?: string } = cursor === null ? {} : { cursor };
      const page = await nodes.node(1).client.list({ prefix, limit, ...from });
      all.push(page);
      cursor = page.cursor;
    } while (cursor !== null && all.length < 100);
    return all;
  }

  it('are paged in the order of their bytes, whatever is in them', async () => {
    const { client } = nodes.node(1);
    await client.batch([...unusual].reverse().map((key) => ({ key, value: key })));
    await client.write('l', 'behind the prefix');
    await client.remove('k/..');
    const listed = (await pages('k/', 3)).flatMap((page) => page.keys.map(({ key }) => key));
    const left = unusual.filter((key) => key !== 'k/..');
    expect(listed).toEqual(left.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
  });

  it('of every kind can be written, read and deleted one by one', async () => {
    const { client } = nodes.node(2);
    for (const key of unusual) {
      await client.write(key, 'v');
      expect(await client.read(key)).toMatchObject({ key, value: 'v' });
      await client.remove(key);
      expect(await client.read(key)).toMatchObject({ key, value: null });
    }
  });

  it('may be 1 KiB long', async () => {
    const key = 'ü'.repeat(512);
    await nodes.node(1).client.write(key, 'v');
    expect(await nodes.node(1).client.read(key)).toMatchObject({ value: 'v' });
  });
});

describe('the state of a node', () => {
  it('is told by /healthz, /readyz, /clock and /inspect', async () => {
    const node = nodes.node(1);
    const health = {
      node: 'node1',
      instance: `test-node1-${node.port}`,
      cluster_id: 'c0ffee',
      status: 'ready',
    };
    const body = (await node.call('GET', '/healthz')).body;
    expect(body).toEqual({ ...health, reason: null, time_ms: expect.any(Number) as number });
    expect(await node.call('GET', '/readyz')).toMatchObject({ status: 200, body: health });
    const { clock } = await node.client.inspect();
    expect(await node.client.clock()).toEqual({ node: 'node1', clock });
  });

  it('names what each peer has acknowledged', async () => {
    const { dot } = await nodes.node(1).client.write('acked', '1');
    const state = await until('both peers acknowledged', async () => {
      const inspect = await nodes.node(1).client.inspect();
      return inspect.peers.every((peer) => (peer.acked['node1'] ?? 0) >= dot.counter) && inspect;
    });
    expect(state.peers.map(({ node, unacked, error }) => ({ node, unacked, error }))).toEqual([
      { node: 'node2', unacked: 0, error: null },
      { node: 'node3', unacked: 0, error: null },
    ]);
  });
});

describe('concurrent writes of one key at all nodes while all links are cut', () => {
  async function readings(key: string): Promise<Pick<ReadResponseJson, 'value' | 'dot' | 'siblings'>[]> {
    const answers = await Promise.all(nodes.nodes.map((node) => node.client.read(key)));
    return answers.map(({ value, dot, siblings }) => ({ value, dot, siblings }));
  }

  it('leave the same winner and siblings everywhere once healed, and a later write resolves them', async () => {
    await nodes.holdAll();
    await Promise.all(nodes.nodes.map((node) => node.client.write('conflict', `from ${node.name}`)));
    const apart = await readings('conflict');
    expect(apart.map(({ value }) => value)).toEqual(['from node1', 'from node2', 'from node3']);
    await nodes.healAll();
    await nodes.converged();
    const [first, ...others] = await readings('conflict');
    for (const other of others) expect(other).toEqual(first);
    const values = [first!.value, ...first!.siblings.map(({ value }) => value)];
    expect(values.sort()).toEqual(['from node1', 'from node2', 'from node3']);
    expect((await nodes.node(2).client.inspect()).conflicts).toBe(1);
    const { dot, session } = await nodes.node(3).client.write('conflict', 'settled');
    for (const node of nodes.nodes) {
      expect(await node.client.read('conflict', { session })).toMatchObject({
        value: 'settled',
        dot,
        siblings: [],
      });
    }
    expect((await nodes.node(2).client.inspect()).conflicts).toBe(0);
  });
});
