import Keyv from 'keyv';
import { describe, expect, it } from 'vitest';
import type { Entry, KvcError } from '../../src/index.js';
import { KvcKeyv } from '../../src/keyv/index.js';
import { freePorts } from '../support/ports.js';
import { manyNames, usePlugCluster } from '../support/plugCluster.js';
import { until } from '../support/until.js';

const cluster = usePlugCluster();

/** A Keyv of its own for one test, and what it reports. */
function keyvOf(namespace: string): { keyv: Keyv; errors: KvcError[] } {
  const keyv = new Keyv({ store: new KvcKeyv(cluster.client), namespace });
  const errors: KvcError[] = [];
  keyv.on('error', (error: KvcError) => errors.push(error));
  return { keyv, errors };
}

async function keysUnder(prefix: string): Promise<string[]> {
  const entries: Entry[] = [];
  for await (const entry of cluster.client.list({ prefix })) entries.push(entry);
  return entries.map(({ key }) => key);
}

async function allOf(keyv: Keyv): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const entry of keyv.iterator!({})) seen.push(entry);
  return seen;
}

describe('what a Keyv keeps in kvc', () => {
  it('is the text that Keyv makes of it, for all clients to see', async () => {
    const { keyv } = keyvOf('seen');
    await keyv.set('ada', { name: 'Ada' });
    expect(await cluster.client.get('seen:ada')).toMatchObject({ value: { value: { name: 'Ada' } } });
  });

  it('expires in kvc, too', async () => {
    const { keyv } = keyvOf('short');
    await keyv.set('a', 1, 150.5);
    const { expiresAt } = await cluster.client.get('short:a');
    expect(expiresAt).toBeTypeOf('number');
    await until('it is gone', async () => (await cluster.client.get('short:a')).value === undefined);
    expect(await keyv.has('a')).toBe(false);
  });

  it('is left to Keyv where its time is longer than kvc knows, or has passed', async () => {
    const { keyv, errors } = keyvOf('odd');
    await keyv.set('ages', 1, 1e15);
    await keyv.set('past', 1, -5);
    expect(await keyv.get('ages')).toBe(1);
    expect(await keyv.get('past')).toBeUndefined();
    expect((await cluster.client.get('odd:ages')).expiresAt).toBeUndefined();
    expect(errors).toEqual([]);
  });

  it('has the namespace of the adapter before that of the Keyv', async () => {
    const store = new KvcKeyv(cluster.client, { namespace: 'app' });
    const keyv = new Keyv({ store, namespace: 'users' });
    await keyv.set('ada', 1);
    await cluster.client.set('app:other', 1);
    expect(await keysUnder('app:users:')).toEqual(['app:users:ada']);
    expect(await allOf(keyv)).toEqual([['ada', 1]]);
    await keyv.clear();
    expect(await keysUnder('app:')).toEqual(['app:other']);
  });

  it('stays in its namespace when Keyv leaves that to the adapter', async () => {
    const keyv = new Keyv({ store: new KvcKeyv(cluster.client), namespace: 'bare', useKeyPrefix: false });
    await keyv.set('a', 1);
    expect(await keysUnder('bare:')).toEqual(['bare:a']);
    expect(await keyv.get('a')).toBe(1);
    await keyv.clear();
    expect(await keyv.has('a')).toBe(false);
  });
});

describe('many values at once', () => {
  it('are one update, of which the last value of a key counts', async () => {
    const { keyv } = keyvOf('many');
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: 60_000 },
      { key: 'a', value: 3 },
    ];
    expect(await keyv.setMany(entries)).toEqual([true, true, true]);
    const [a, b] = await cluster.client.getMany(['many:a', 'many:b']);
    expect(a?.dot).toEqual(b?.dot);
    expect([a?.expiresAt, typeof b?.expiresAt]).toEqual([undefined, 'number']);
    expect(await keyv.get(['a', 'b', 'c'])).toEqual([3, 2, undefined]);
    expect(await keyv.has(['a', 'c'])).toEqual([true, false]);
  });

  it('may be more than a request holds', async () => {
    const { keyv, errors } = keyvOf('lots');
    const names = manyNames();
    await keyv.setMany(names.map((key) => ({ key, value: key })));
    expect(await keyv.get(names)).toEqual(names);
    expect(await allOf(keyv)).toEqual(names.map((name) => [name, name]));
    expect(await keyv.delete(names.slice(0, 1500))).toBe(true);
    expect(await keysUnder('lots:')).toHaveLength(names.length - 1500);
    await keyv.clear();
    expect(await keysUnder('lots:')).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('may be larger than a batch holds', async () => {
    const { keyv, errors } = keyvOf('large');
    const value = 'x'.repeat(900_000);
    const names = manyNames(12);
    await keyv.setMany(names.map((key) => ({ key, value })));
    expect(await keyv.get(names)).toEqual(names.map(() => value));
    expect(errors).toEqual([]);
  });
});

describe('delete', () => {
  it('says whether all were there, and takes away those that were', async () => {
    const { keyv } = keyvOf('gone');
    await keyv.set('a', 1);
    expect(await keyv.delete(['a', 'b'])).toBe(false);
    expect(await keyv.delete('a')).toBe(false);
    await keyv.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 1 },
    ]);
    expect(await keyv.delete(['a', 'b', 'a'])).toBe(true);
  });

  it('takes all siblings away', async () => {
    const { client } = cluster;
    await Promise.all([1, 2].map((n) => client.session().set('twice:a', n, { node: `node${n}` })));
    await until('both are everywhere', async () => (await client.get('twice:a')).siblings.length === 1);
    // In a session that has seen none of them.
    const keyv = new Keyv({ store: new KvcKeyv(client.session('new')), namespace: 'twice' });
    expect(await keyv.delete('a')).toBe(true);
    await until('the delete is everywhere', async () => (await client.get('twice:a')).value === undefined);
    expect(await client.siblings('twice:a')).toMatchObject([{ value: undefined }]);
  });
});

describe('a failure', () => {
  it('is one error event and an answer, whatever Keyv was asked', async () => {
    const { keyv, errors } = keyvOf('wrong');
    const key = 'k'.repeat(1100);
    expect(await keyv.set(key, 1)).toBe(false);
    expect(await keyv.setMany([{ key, value: 1 }])).toEqual([false]);
    expect(await keyv.delete(key)).toBe(false);
    expect(await keyv.get(key)).toBeUndefined();
    await expect(keyv.getMany([key])).rejects.toThrow();
    await expect(keyv.has(key)).rejects.toThrow();
    await expect(keyv.hasMany([key])).rejects.toThrow();
    expect(errors.map(({ code }) => code)).toEqual(Array(7).fill('KVC_E_KEY_INVALID'));
  });

  it('is what cannot be read as text', async () => {
    await cluster.client.increment('types:counter');
    await cluster.client.set('types:bytes', Uint8Array.of(0xff));
    const { keyv, errors } = keyvOf('types');
    await keyv.get('counter');
    await keyv.get('bytes');
    await expect(keyv.iterator!({}).next()).rejects.toThrow();
    const codes = ['KVC_E_TYPE_MISMATCH', 'KVC_E_CODEC', 'KVC_E_CODEC'];
    expect(errors.map(({ code }) => code)).toEqual(codes);
    await expect(new KvcKeyv(cluster.client).get('types:counter'), 'nobody listens').rejects.toThrow();
  });

  it('is to clear without a namespace, which would be the whole cluster', async () => {
    await cluster.client.set('precious', 1);
    await expect(new KvcKeyv(cluster.client).clear()).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
    expect((await cluster.client.get('precious')).value).toBe(1);
  });
});

describe('an adapter', () => {
  it('leaves the client of the application open, and can do nothing without it', async () => {
    const store = new KvcKeyv(cluster.client, { namespace: 'left' });
    await store.set('a', '1');
    await store.disconnect();
    await store.disconnect();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    expect((await cluster.client.get('left:a')).value).toBe(1);
  });

  it('connects when it is first used, and again after it could not', async () => {
    const [port] = await freePorts(1);
    const nodes = [`http://127.0.0.1:${port}`];
    const store = new KvcKeyv({ nodes, timeout: 200 }, { namespace: 'own' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    nodes[0] = cluster.urls[0]!;
    await store.set('a', '"text"');
    expect(await store.get('a')).toBe('"text"');
    await store.disconnect();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
  });
});
