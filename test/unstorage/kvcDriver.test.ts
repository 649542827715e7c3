import {
  createStorage,
  prefixStorage,
  restoreSnapshot,
  snapshot,
  type Storage,
  type StorageValue,
} from 'unstorage';
import { afterEach, describe, expect, it } from 'vitest';
import kvcDriverDefault, { kvcDriver } from '../../src/unstorage/index.js';
import { freePorts } from '../support/ports.js';
import { manyNames, usePlugCluster } from '../support/plugCluster.js';
import { until } from '../support/until.js';

const cluster = usePlugCluster();
const opened: Storage[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.dispose()));
});

function storageAt(base: string): Storage {
  const storage = createStorage({ driver: kvcDriver({ client: cluster.client, base }) });
  opened.push(storage);
  return storage;
}

describe('items', () => {
  it('are not there at first, then what was set, then gone', async () => {
    const storage = storageAt('life');
    expect(await storage.hasItem('a:b')).toBe(false);
    expect(await storage.getItem('a:b')).toBeNull();
    expect(await storage.getItemRaw('a:b')).toBeNull();
    expect(await storage.getMeta('a:b')).toEqual({});
    expect(await storage.getKeys()).toEqual([]);
    await storage.setItem('a/b', 'text');
    expect(await storage.hasItem('a:b')).toBe(true);
    expect(await storage.getItem('a:b?version=1')).toBe('text');
    await storage.removeItem('a:b');
    await storage.removeItem('a:b');
    expect(await storage.hasItem('a:b')).toBe(false);
    expect(await storage.getItem('a:b')).toBeNull();
  });

  it('may be all that unstorage makes text of', async () => {
    const storage = storageAt('kinds');
    const values: StorageValue[] = [
      '',
      'text',
      '{"a":',
      0,
      -1.5,
      false,
      true,
      null,
      { a: [1, { b: 2 }] },
      [],
      'ünï 😀',
    ];
    for (const [index, value] of values.entries()) {
      await storage.setItem(`v${index}`, value);
      expect(await storage.getItem(`v${index}`)).toEqual(value);
    }
    class Money {
      toJSON() {
        return { euros: 5 };
      }
    }
    await storage.setItem('money', new Money());
    expect(await storage.getItem('money')).toEqual({ euros: 5 });
    await expect(storage.setItem('bad', new Set([1]))).rejects.toThrow('Cannot stringify');
    expect(await storage.hasItem('bad')).toBe(false);
  });

  it('are what other clients see, and the other way round', async () => {
    const storage = storageAt('shared');
    await storage.setItem('ours', { a: 1 });
    expect((await cluster.client.get('shared:ours')).value).toEqual({ a: 1 });
    await cluster.client.set('shared:theirs', { b: 2 });
    await cluster.client.increment('shared:hits', 3);
    await cluster.client.add('shared:tags', ['x', 'y']);
    expect(await storage.getItem('theirs')).toEqual({ b: 2 });
    expect(await storage.getItem('hits')).toBe(3);
    expect(await storage.getItem('tags')).toEqual(['x', 'y']);
    expect(await storage.getMeta('hits')).toMatchObject({ siblings: 0 });
    expect(await storage.getMeta('hits')).not.toHaveProperty('size');
  });

  it('may be raw: bytes of all kinds come back exactly', async () => {
    const storage = storageAt('raw');
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const bytes = [all, Uint8Array.of(1, 2, 3), Uint8Array.of(0x35), new Uint8Array(0), Buffer.from('"x"')];
    for (const value of bytes) {
      await storage.setItemRaw('file.bin', value);
      expect([...(await storage.getItemRaw<Uint8Array>('file.bin'))!]).toEqual([...value]);
    }
    await storage.setItemRaw('file.bin', all.buffer);
    expect(await storage.getItemRaw('file.bin')).toEqual(all);
    await storage.setItemRaw('file.bin', new DataView(all.buffer, 65, 3));
    expect(await storage.getItem('file.bin')).toBe('ABC');
    await storage.setItemRaw('file.bin', 'text');
    expect(Buffer.from((await storage.getItemRaw<Uint8Array>('file.bin'))!).toString()).toBe('text');
    await expect(storage.setItemRaw('file.bin', { a: 1 })).rejects.toMatchObject({ code: 'KVC_E_CODEC' });
    await storage.setItemRaw('file.bin', all);
    await expect(storage.getItem('file.bin')).rejects.toMatchObject({ code: 'KVC_E_CODEC' });
  });

  it('expire after `ttl` seconds', async () => {
    const storage = storageAt('short');
    await storage.setItem('a', 'x', { ttl: 0.15 });
    await storage.setItemRaw('b', Uint8Array.of(1), { ttl: 60 });
    const meta = await storage.getMeta('b');
    expect(meta.ttl).toBeGreaterThan(50);
    expect(meta.ttl).toBeLessThanOrEqual(61);
    expect(meta['expiresAt']).toBeInstanceOf(Date);
    await until('it is gone', async () => !(await storage.hasItem('a')));
    await expect(storage.setItem('a', 'x', { ttl: -1 })).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });

  it('have facts of kvc, and those that were set', async () => {
    const storage = storageAt('meta');
    await storage.setItem('a', 'four');
    await storage.setMeta('a', { author: 'ada', mtime: new Date(5) });
    const { dot } = await cluster.client.get('meta:a');
    expect(await storage.getMeta('a')).toEqual({
      size: 4,
      siblings: 0,
      dot: `${dot!.node}:${dot!.counter}`,
      author: 'ada',
      mtime: new Date(5),
    });
    expect(await storage.getKeys()).toEqual(['a']);
    await storage.removeItem('a', { removeMeta: true });
    expect(await storage.getMeta('a')).toEqual({});
  });
});

describe('many items', () => {
  it('are set in one update, each with its own options', async () => {
    const storage = storageAt('bulk');
    await storage.setItems<StorageValue>([
      { key: 'a', value: 'first' },
      { key: 'b', value: 2, options: { ttl: 60 } },
      { key: 'a', value: 'last' },
    ]);
    const [a, b] = await cluster.client.getMany(['bulk:a', 'bulk:b']);
    expect(a?.dot).toEqual(b?.dot);
    expect([a?.expiresAt, typeof b?.expiresAt]).toEqual([undefined, 'number']);
    expect(await storage.getItems(['b', { key: 'a?x' }, 'none'])).toEqual([
      { key: 'b', value: 2 },
      { key: 'a', value: 'last' },
      { key: 'none', value: null },
    ]);
  });

  it('may be more than a request holds', async () => {
    const storage = storageAt('lots');
    const names = manyNames();
    await storage.setItems(names.map((key) => ({ key, value: key })));
    expect(await storage.getItems(names)).toEqual(names.map((key) => ({ key, value: key })));
    expect((await storage.getKeys()).sort()).toEqual(names);
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
    await storage.clear();
  });

  it('are a snapshot that can be restored', async () => {
    const storage = storageAt('kept');
    await restoreSnapshot(storage, { a: 'one', 'b:c': 'two' });
    expect(await snapshot(storage, '')).toEqual({ a: 'one', 'b:c': 'two' });
  });
});

describe('keys', () => {
  it('are those of the base, down to the depth', async () => {
    const storage = storageAt('deep');
    for (const key of ['top', 'a:one', 'a:b:two', 'a:b:c:three', 'ab:x']) await storage.setItem(key, 1);
    const keys = async (base?: string, maxDepth?: number) =>
      (await storage.getKeys(base, maxDepth === undefined ? {} : { maxDepth })).sort();
    expect(await keys()).toEqual(['a:b:c:three', 'a:b:two', 'a:one', 'ab:x', 'top']);
    expect(await keys('a')).toEqual(['a:b:c:three', 'a:b:two', 'a:one']);
    expect(await keys(undefined, 0)).toEqual(['top']);
    expect(await keys(undefined, 1)).toEqual(['a:one', 'ab:x', 'top']);
    expect(await keys('a', 2)).toEqual(['a:b:two', 'a:one']);
    // unstorage itself clears whole mounts only.
    await storage.getMount().driver.clear!('a:b:', {});
    expect(await keys()).toEqual(['a:one', 'ab:x', 'top']);
  });

  it('begin with the base of the driver, and with that of the mount for those who mount it', async () => {
    const storage = storageAt('root');
    storage.mount('cache', kvcDriver({ client: cluster.client, base: 'elsewhere' }));
    await storage.setItem('cache:a', 1);
    await prefixStorage(storage, 'plain').setItem('a', 2);
    expect((await cluster.client.get('elsewhere:a')).value).toBe(1);
    expect((await cluster.client.get('root:plain:a')).value).toBe(2);
    expect((await storage.getKeys()).sort()).toEqual(['cache:a', 'plain:a']);
    await storage.clear('cache');
    expect(await storage.getKeys()).toEqual(['plain:a']);
  });

  it('are refused when they are too long', async () => {
    const storage = storageAt('long');
    const failure = { code: 'KVC_E_KEY_INVALID' };
    await expect(storage.setItem('k'.repeat(1100), 1)).rejects.toMatchObject(failure);
    await expect(storage.getItem('k'.repeat(1100))).rejects.toMatchObject(failure);
  });
});

describe('removing', () => {
  it('takes all siblings away', async () => {
    const { client } = cluster;
    await Promise.all([1, 2].map((n) => client.session().set('both:a', n, { node: `node${n}` })));
    await until('both are everywhere', async () => (await client.get('both:a')).siblings.length === 1);
    // In a session that has seen none of them.
    const driver = kvcDriver({ client: client.session('new'), base: 'both' });
    const storage = createStorage({ driver });
    opened.push(storage);
    await storage.removeItem('a');
    await until('the delete is everywhere', async () => (await client.get('both:a')).value === undefined);
    expect(await client.siblings('both:a')).toMatchObject([{ value: undefined }]);
  });
});

describe('a driver', () => {
  it('leaves the client of the application open', async () => {
    const storage = storageAt('open');
    await storage.setItem('a', 1);
    await storage.dispose();
    await storage.dispose();
    await expect(storage.getItem('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    expect((await cluster.client.get('open:a')).value).toBe(1);
  });

  it('connects by itself when it is first used, also as the default export', async () => {
    const driver = kvcDriverDefault({ nodes: cluster.urls, base: 'self' });
    const storage = createStorage({ driver });
    opened.push(storage);
    await storage.setItem('a', 'x');
    expect(await (await driver.getInstance!()).get('self:a')).toMatchObject({ key: 'self:a' });
    expect(await storage.getItem('a')).toBe('x');
  });

  it('says so when it cannot connect', async () => {
    const [port] = await freePorts(1);
    const storage = createStorage({
      driver: kvcDriver({ nodes: [`http://127.0.0.1:${port}`], timeout: 200 }),
    });
    await expect(storage.getItem('a')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    await storage.dispose();
  });
});
