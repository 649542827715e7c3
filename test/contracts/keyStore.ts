import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dot } from '../../src/core/clock/dot.js';
import type { Checkpoint, KeyStore } from '../../src/storage/keyStore.js';
import { everyKind, node1, node2, vector, versions } from '../storage/updates.js';

export const someFacts: Checkpoint = {
  clock: vector({ node1: 4, node2: 7 }),
  timestamp: 9,
  liveKeys: 3,
  conflictedKeys: 1,
  members: [
    { replica: node1, address: null, leftBy: null, final: null, closedBy: null },
    {
      replica: node2,
      address: '127.0.0.1:7102',
      leftBy: { replica: node1, counter: 3 },
      final: 7,
      closedBy: { replica: node1, counter: 4 },
    },
  ],
};

/** What every key store promises. `open` gives a new, empty one. */
export function keyStoreContract(name: string, open: () => Promise<KeyStore>): void {
  async function opened(): Promise<KeyStore> {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  }

  const checkpoint = (store: KeyStore): Promise<void> => store.checkpoint(someFacts, Promise.resolve());

  describe(`${name} is a key store`, () => {
    it('opens empty', async () => {
      const store = await opened();
      expect(store.opened).toEqual({
        clock: vector({}),
        timestamp: 0,
        liveKeys: 0,
        conflictedKeys: 0,
        members: [],
      });
      expect(store.get('a')).toBeUndefined();
      expect(store.scan({ prefix: '', limit: 10 })).toEqual([]);
      expect(store.size).toBe(0);
    });

    it('shows what was set at once, and after a checkpoint', async () => {
      const store = await opened();
      store.set('a', versions(1));
      store.set('a', versions(2));
      store.set('gone', versions(3, null));
      expect(store.get('a')).toEqual(versions(2));
      await checkpoint(store);
      expect(store.get('a')).toEqual(versions(2));
      expect(store.get('gone')).toEqual(versions(3, null));
      store.set('a', versions(4));
      expect(store.get('a')).toEqual(versions(4));
    });

    it('forgets what was removed at once, and after a checkpoint', async () => {
      const store = await opened();
      for (const key of ['a', 'b', 'c', 'd']) store.set(key, versions(1));
      await checkpoint(store);
      const keysThere = (limit = 9): string[] => store.scan({ prefix: '', limit }).map(({ key }) => key);
      store.remove('a');
      store.remove('c');
      store.remove('never there');
      store.set('e', versions(2));
      store.remove('e');
      for (let round = 0; round < 2; round += 1) {
        expect(['a', 'b', 'c', 'e'].map((key) => store.get(key)?.length)).toEqual([
          undefined,
          1,
          undefined,
          undefined,
        ]);
        expect(keysThere()).toEqual(['b', 'd']);
        expect(keysThere(1)).toEqual(['b']);
        expect(store.size).toBe(2);
        await checkpoint(store);
      }
      store.set('a', versions(3));
      expect(store.get('a')).toEqual(versions(3));
      expect(keysThere()).toEqual(['a', 'b', 'd']);
      expect(store.size).toBe(3);
    });

    it('remembers the dots of requests, the oldest first, at once and after a checkpoint', async () => {
      const store = await opened();
      const { requests } = store;
      const idOf = (ms: number): string => `${1_700_000_000_000 + ms}-x.0123456789abcdef`;
      const dots = (counter: number): Dot[] => [{ replica: node1, counter }];
      const oldest = (ms: number, limit = 9): number[] =>
        requests.oldest(idOf(ms), limit).map((entry) => entry.dots[0]?.counter ?? 0);
      for (const ms of [300, 100, 200, 400]) requests.set(idOf(ms), dots(ms));
      for (let round = 0; round < 2; round += 1) {
        expect(requests.get(idOf(200))).toEqual(dots(200));
        expect(requests.get(idOf(201))).toBeUndefined();
        expect([oldest(400), oldest(401, 2), oldest(100)]).toEqual([[100, 200, 300], [100, 200], []]);
        expect(requests.size).toBe(4);
        await checkpoint(store);
      }
      requests.remove(idOf(100));
      requests.remove(idOf(101));
      requests.set(idOf(300), [...dots(300), ...dots(301)]);
      requests.set(idOf(50), dots(50));
      for (let round = 0; round < 2; round += 1) {
        expect(requests.get(idOf(100))).toBeUndefined();
        expect(requests.oldest(idOf(400), 9)).toEqual([
          { request: idOf(50), dots: dots(50) },
          { request: idOf(200), dots: dots(200) },
          { request: idOf(300), dots: [...dots(300), ...dots(301)] },
        ]);
        expect(oldest(400, 1)).toEqual([50]);
        expect(requests.size).toBe(4);
        await checkpoint(store);
      }
    });

    it('keeps siblings in their order', async () => {
      const store = await opened();
      const siblings = [...versions(5), ...versions(4, null), ...versions(3, '')];
      store.set('a', siblings);
      await checkpoint(store);
      expect(store.get('a')).toEqual(siblings);
    });

    it('keeps versions of every kind', async () => {
      const store = await opened();
      store.set('a', everyKind);
      await checkpoint(store);
      expect(store.get('a')).toEqual(everyKind);
      expect(store.scan({ prefix: '', limit: 1 })).toEqual([{ key: 'a', versions: everyKind }]);
    });

    it('takes sets while a checkpoint runs', async () => {
      const store = await opened();
      store.set('a', versions(1));
      store.set('b', versions(2));
      let logged = (): void => undefined;
      const running = store.checkpoint(someFacts, new Promise<void>((resolve) => (logged = resolve)));
      store.set('a', versions(3));
      store.set('c', versions(4));
      const expectAll = (): void => {
        expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual([versions(3), versions(2), versions(4)]);
        expect(
          store.scan({ prefix: '', limit: 9 }).map(({ versions: [winner] }) => winner?.dot.counter),
        ).toEqual([3, 2, 4]);
        expect(store.size).toBe(3);
      };
      expectAll();
      logged();
      await running;
      expectAll();
      await checkpoint(store);
      expectAll();
      expect(store.dirtyKeys).toBe(0);
    });

    it('loses nothing when the log behind it fails', async () => {
      const store = await opened();
      store.set('a', versions(1));
      store.set('b', versions(1));
      const running = store.checkpoint(someFacts, Promise.reject(new Error('disk on fire')));
      store.set('a', versions(2));
      await expect(running).rejects.toThrow('disk on fire');
      expect(store.get('a')).toEqual(versions(2));
      expect(store.get('b')).toEqual(versions(1));
      await checkpoint(store);
      expect(store.get('a')).toEqual(versions(2));
      expect(store.get('b')).toEqual(versions(1));
    });

    it('scans by prefix, from after a key, up to a limit', async () => {
      const store = await opened();
      for (const key of ['b2', 'a', 'b', 'b10', 'c', 'b1']) store.set(key, versions(1));
      const keys = (prefix: string, limit: number, after?: string): string[] =>
        store.scan({ prefix, limit, after }).map(({ key }) => key);
      for (let round = 0; round < 2; round += 1) {
        expect(keys('', 9)).toEqual(['a', 'b', 'b1', 'b10', 'b2', 'c']);
        expect(keys('b', 9)).toEqual(['b', 'b1', 'b10', 'b2']);
        expect(keys('b', 2, 'b1')).toEqual(['b10', 'b2']);
        expect(keys('b', 9, 'a')).toEqual(['b', 'b1', 'b10', 'b2']);
        expect(keys('b', 9, 'c')).toEqual([]);
        expect(keys('b', 9, 'b11')).toEqual(['b2']);
        expect(keys('', 1)).toEqual(['a']);
        expect(keys('d', 1)).toEqual([]);
        await checkpoint(store);
      }
    });

    it('orders keys by the bytes of their UTF-8 form, with zero bytes and surrogate pairs, up to 1024 bytes', async () => {
      const store = await opened();
      const keys = [
        'a',
        'a\0',
        'a\0\0',
        'a\0b',
        'a\x01',
        'z',
        '\uffee',
        '\ue000',
        '\u{1f600}',
        '\u{10ffff}',
        'é',
        'e',
      ];
      keys.push('x'.repeat(1024), '\u{1f600}'.repeat(256), '\0');
      for (const key of keys) store.set(key, versions(1, key));
      const sorted = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      for (let round = 0; round < 2; round += 1) {
        expect(store.scan({ prefix: '', limit: 99 }).map(({ key }) => key)).toEqual(sorted);
        expect(keys.map((key) => store.get(key))).toEqual(keys.map((key) => versions(1, key)));
        await checkpoint(store);
      }
    });

    it('fails every call with KVC_E_CLOSED once it is closed, but may be closed again', async () => {
      const store = await opened();
      store.set('a', versions(1));
      await store.close();
      const closed = expect.objectContaining({ code: 'KVC_E_CLOSED' }) as Error;
      expect(() => store.get('a')).toThrow(closed);
      expect(() => store.set('a', versions(1))).toThrow(closed);
      expect(() => store.scan({ prefix: '', limit: 1 })).toThrow(closed);
      expect(() => store.stats()).toThrow(closed);
      await expect(checkpoint(store)).rejects.toThrow(closed);
      await store.close();
    });
  });
}
