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

describe('a counter', () => {
  it('tells what it is after each change, and adds up what was done concurrently', async () => {
    expect(await client.increment('hits', 5, { node: 'node1' })).toMatchObject({
      value: 5,
      node: 'node1',
      dot: { node: 'node1', counter: 1 },
    });
    expect((await client.decrement('hits', 2, { node: 'node1' })).value).toBe(3);
    await nodes.converged();
    await nodes.holdAll();
    await client.session().increment('hits', 1, { node: 'node1' });
    await client.session().increment('hits', 1, { node: 'node2' });
    await nodes.healAll();
    await nodes.converged();
    expect(await client.get('hits')).toMatchObject({ value: 5, type: 'counter', siblings: [] });
    expect(await client.siblings('hits')).toMatchObject([{ value: 5, type: 'counter' }]);
  });

  it('is no value that could be set, nor the other way round', async () => {
    await client.set('text', 'x');
    await expect(client.increment('text')).rejects.toMatchObject({
      code: 'KVC_E_TYPE_MISMATCH',
      definite: true,
    });
  });
});

describe('a set', () => {
  it('has the members that were added and not removed, text and bytes', async () => {
    await client.add('tags', ['b', 'a', Uint8Array.of(255)], { node: 'node1' });
    await client.remove('tags', ['b'], { node: 'node1' });
    expect(await client.get('tags')).toMatchObject({
      type: 'set',
      value: ['a', Uint8Array.of(255)],
      siblings: [],
    });
  });

  it('keeps what is added while it is removed elsewhere', async () => {
    await client.add('tags', ['a']);
    await nodes.converged();
    await nodes.holdAll();
    await client.session().remove('tags', ['a'], { node: 'node1' });
    await client.session().add('tags', ['a'], { node: 'node2' });
    await nodes.healAll();
    await nodes.converged();
    expect((await client.get('tags')).value).toEqual(['a']);
  });
});

describe('a batch', () => {
  it('takes changes of all types', async () => {
    await client
      .batch()
      .set('value', { a: 1 })
      .increment('counter', 2)
      .decrement('counter')
      .add('set', ['x', 'y'])
      .remove('set', ['x'])
      .commit();
    const entries = await client.getMany(['value', 'counter', 'set']);
    expect(entries.map(({ value, type }) => [value, type])).toEqual([
      [{ a: 1 }, 'value'],
      [1, 'counter'],
      [['y'], 'set'],
    ]);
    const listed: unknown[] = [];
    for await (const { value } of client.list()) listed.push(value);
    expect(listed).toEqual([1, ['y'], { a: 1 }]);
  });
});

describe('a value that expires', () => {
  it('says when, and is gone then', async () => {
    await client.set('short', 1, { ttlMs: 60_000 });
    const { expiresAt } = await client.get('short');
    expect(expiresAt).toBeGreaterThan(Date.now() + 30_000);
    await client.batch().set('shorter', 1, { ttlMs: 1 }).commit();
    await expect.poll(async () => (await client.get('shorter')).value).toBeUndefined();
    await expect(client.set('never', 1, { ttlMs: 0 })).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });
});

describe('a write with a condition', () => {
  it('creates a key once, and tells what is there', async () => {
    const { dot } = await client.set('k', 'first', { create: true, node: 'node1' });
    const before = client.token;
    await expect(client.set('k', 'second', { create: true, node: 'node1' })).rejects.toMatchObject({
      code: 'KVC_E_CONDITION_FAILED',
      definite: true,
      retryable: false,
      facts: { key: 'k', versions: [{ value: 'first', dot }], session: expect.any(String) as unknown },
    });
    expect(client.token).toBe(before);
    await client.delete('k', { node: 'node1' });
    expect(await client.set('k', 'third', { create: true })).toMatchObject({ node: 'node1' });
  });

  it('is refused where the key has a version that the writer has not seen', async () => {
    await client.set('k', 1, { node: 'node1' });
    const read = await client.get('k', { node: 'node1' });
    await client.set('k', 2, { node: 'node1' });
    await expect(client.set('k', 3, { ifContext: read, node: 'node1' })).rejects.toMatchObject({
      code: 'KVC_E_CONDITION_FAILED',
      facts: { versions: [{ value: '2' }] },
    });
    const { token } = await client.get('k', { node: 'node1' });
    await client.set('k', 3, { ifContext: token, node: 'node1' });
    await expect(client.delete('k', { ifContext: read })).rejects.toMatchObject({
      code: 'KVC_E_CONDITION_FAILED',
    });
    await expect(client.batch().delete('k').commit({ ifContext: read })).rejects.toMatchObject({
      code: 'KVC_E_CONDITION_FAILED',
    });
    expect((await client.get('k')).value).toBe(3);
  });
});

describe('resolve', () => {
  async function conflict(): Promise<void> {
    await nodes.holdAll();
    await client.session('new').set('cart', ['book'], { node: 'node1' });
    await client.session('new').set('cart', ['pen'], { node: 'node2' });
    await nodes.healAll();
    await nodes.converged();
  }
  const union = (versions: readonly { value: string[] | undefined }[]) =>
    [...new Set(versions.flatMap(({ value }) => value ?? []))].sort();

  it('replaces all versions by one', async () => {
    await conflict();
    const entry = await client.resolve<string[]>('cart', union);
    expect(entry).toMatchObject({ key: 'cart', value: ['book', 'pen'], type: 'value', siblings: [] });
    expect(entry.token).toBe(client.token);
    await nodes.converged();
    for (const node of ['node1', 'node2']) {
      expect(await client.get('cart', { node })).toMatchObject({
        value: ['book', 'pen'],
        siblings: [],
        dot: entry.dot,
      });
    }
  });

  it('begins again where the key changes meanwhile, so that nothing is lost', async () => {
    await conflict();
    let merges = 0;
    const entry = await client.resolve<string[]>(
      'cart',
      async (versions) => {
        merges += 1;
        // Somebody who has seen nothing adds another sibling after the read.
        if (merges === 1) {
          await nodes.holdAll();
          await nodes.node(2).client.write('cart', '["ink"]', { session: 'new' });
          await nodes.healAll();
          await nodes.converged();
        }
        return union(versions);
      },
      { node: 'node1' },
    );
    expect(merges).toBe(2);
    expect(entry.value).toContain('ink');
    expect(entry.value).toContain('book');
  });

  it('gives up after as many attempts as it may make', async () => {
    await conflict();
    let at = 0;
    const disturbed = client.resolve<string[]>(
      'cart',
      async () => {
        at += 1;
        await nodes.node(2).client.write('cart', JSON.stringify([at]), { session: 'new' });
        await nodes.converged();
        return [];
      },
      { node: 'node1', attempts: 2 },
    );
    await expect(disturbed).rejects.toMatchObject({ code: 'KVC_E_CONDITION_FAILED' });
    expect(at).toBe(2);
  });
});
