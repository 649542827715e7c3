import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let client: KvcClient;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 2 });
  client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
});
afterEach(async () => {
  await client.close();
  await nodes.stop();
});

async function fill(count: number, prefix = 'k'): Promise<void> {
  const batch = client.batch();
  for (let at = 0; at < count; at += 1) batch.set(`${prefix}${String(at).padStart(4, '0')}`, at);
  await batch.commit();
}

async function keysOf(entries: AsyncIterable<{ key: string }>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of entries) keys.push(key);
  return keys;
}

describe('getMany', () => {
  it('reads all keys as of one instant: a batch whole or not at all', async () => {
    await client.batch().set('x', 0).set('y', 0).commit();
    const writing = (async () => {
      const other = client.session();
      for (let turn = 1; turn <= 60; turn += 1) {
        await other.batch().set('x', turn).set('y', turn).commit({ node: 'node1' });
      }
    })();
    let seen = 0;
    const reader = client.session();
    while (seen < 60) {
      const [x, y] = await reader.getMany<number>(['x', 'y'], { node: 'node2' });
      expect(x?.value).toBe(y?.value);
      expect(x?.value).toBeGreaterThanOrEqual(seen);
      seen = x?.value ?? 0;
    }
    await writing;
  });

  it('has an entry for each key, in their order, also for those without a value', async () => {
    await client.set('b', 1);
    const entries = await client.getMany(['a', 'b', 'a']);
    expect(entries.map(({ key, value, dot }) => [key, value, dot !== null])).toEqual([
      ['a', undefined, false],
      ['b', 1, true],
      ['a', undefined, false],
    ]);
    expect(await client.getMany([])).toEqual([]);
  });
});

describe('batch', () => {
  it('is one update, and can be committed once', async () => {
    await client.set('old', 1);
    const batch = client.batch().set('new', 2).delete('old');
    const { dot, token } = await batch.commit();
    expect(token).toBe(client.token);
    const [old, fresh] = await client.getMany(['old', 'new']);
    expect(old).toMatchObject({ value: undefined, dot });
    expect(fresh).toMatchObject({ value: 2, dot });
    await expect(batch.commit()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await expect(client.batch().commit()).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });

  it('has a bounded number of writes, and of bytes', async () => {
    const large = client.batch();
    const value = 'x'.repeat(1024 * 1024 - 2);
    for (let at = 0; at < 4; at += 1) large.set(`${at}`, value);
    expect(() => large.set('more', value)).toThrow(
      expect.objectContaining({ code: 'KVC_E_MESSAGE_TOO_LARGE' }),
    );
    expect((await large.commit()).dot.counter).toBe(1);
    const members = Array.from({ length: 1025 }, (_, at) => String(at));
    await expect(client.add('set', members)).rejects.toMatchObject({ code: 'KVC_E_MESSAGE_TOO_LARGE' });
    const batch = client.batch();
    for (let at = 0; at < 1024; at += 1) batch.delete('k');
    expect(() => batch.delete('k')).toThrow(expect.objectContaining({ code: 'KVC_E_MESSAGE_TOO_LARGE' }));
  });
});

describe('list', () => {
  it('gives all entries with a prefix in the order of their keys, over many pages', async () => {
    await fill(230);
    await client.set('other', 1);
    await client.delete('k0007');
    const values: unknown[] = [];
    for await (const { key, value, node, token } of client.list<number>({ prefix: 'k' })) {
      expect(key).toBe(`k${String(value).padStart(4, '0')}`);
      expect([node, token.startsWith('kvc1.')]).toEqual([expect.stringMatching(/^node/), true]);
      values.push(value);
    }
    expect(values).toEqual(Array.from({ length: 230 }, (_, at) => at).filter((at) => at !== 7));
  });

  it('can be gone on with, at any node, and begins again when it is iterated again', async () => {
    await fill(5);
    const listing = client.list({ limit: 2, node: 'node1' });
    expect(await keysOf(listing)).toEqual(['k0000', 'k0001']);
    const { cursor } = listing;
    expect(cursor).toBeTypeOf('string');
    expect(await keysOf(listing)).toEqual(['k0000', 'k0001']);
    const rest = client.list({ node: 'node2', cursor });
    expect(await keysOf(rest)).toEqual(['k0002', 'k0003', 'k0004']);
    expect(rest.cursor).toBeUndefined();
  });

  it('stands behind the last entry that was taken when it is left', async () => {
    await fill(150);
    const listing = client.list();
    for await (const { key } of listing) if (key === 'k0002') break;
    const { cursor } = listing;
    const [next] = await keysOf(client.list({ limit: 1, cursor }));
    expect(next).toBe('k0003');
  });

  it('goes on at another node when its node dies, and finds there what the session has seen', async () => {
    await fill(150);
    const keys: string[] = [];
    for await (const { key, node } of client.list()) {
      keys.push(key);
      if (keys.length === 50) {
        await nodes.converged();
        await nodes.node(Number(node.slice(-1))).close();
      }
    }
    expect(keys).toHaveLength(150);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { prefix: '\ud800' }])('refuses %j', (options) => {
    expect(() => client.list(options)).toThrow(expect.objectContaining({ definite: true }));
  });

  it('refuses a cursor that is none', async () => {
    await expect(keysOf(client.list({ cursor: '***' }))).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });

  it('reads values that are too large for one page together in smaller ones', async () => {
    const large = 'x'.repeat(1024 * 1000);
    for (let at = 0; at < 70; at += 1) await client.set(`k${at + 10}`, large, { node: 'node1' });
    const keys = await keysOf(client.list({ node: 'node1', timeout: 60_000 }));
    expect(keys).toHaveLength(70);
  });
});

describe('siblings', () => {
  it('are all versions of a key, the winner first, until a write that has seen them', async () => {
    expect(await client.siblings('k')).toEqual([]);
    await nodes.holdAll();
    await client.session('new').set('k', 'left', { node: 'node1' });
    await client.session('new').set('k', 'right', { node: 'node2' });
    await nodes.healAll();
    await nodes.converged();
    const versions = await client.siblings<string>('k', { node: 'node1' });
    expect(versions.map(({ value }) => value).sort()).toEqual(['left', 'right']);
    const entry = await client.get('k', { node: 'node2' });
    expect(versions[0]).toMatchObject({ value: entry.value, dot: entry.dot });
    expect(entry.siblings).toEqual(versions.slice(1));
    await client.set('k', 'both', { node: 'node2' });
    expect(await client.siblings('k')).toMatchObject([{ value: 'both' }]);
  });

  it('are not resolved where there is only one version: nothing is written', async () => {
    const { dot } = await client.set('k', 1);
    const entry = await client.resolve('k', () => {
      throw new Error('there is nothing to merge');
    });
    expect(entry).toMatchObject({ value: 1, dot });
    expect(await client.resolve('never', () => 1)).toMatchObject({ value: undefined, dot: null });
  });
});
