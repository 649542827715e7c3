import type { ReplicaId } from '../../src/core/ids.js';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dot } from '../../src/core/clock/dot.js';
import { mergeVectors } from '../../src/core/clock/versionVector.js';
import { contentsOf, isLive } from '../../src/core/contents.js';
import type { Versions } from '../../src/core/versions.js';
import { decodeSnapshotChunk, encodeSnapshotChunk } from '../../src/protocol/snapshotChunk.js';
import { firstWithPrefix, type SnapshotPosition } from '../../src/protocol/snapshotPosition.js';
import type { Checkpoint, KeyStore } from '../../src/storage/keyStore.js';
import type { StoreCut } from '../../src/storage/storeSnapshot.js';
import { node1, node2, text, vector, versions, someSource, everyKind } from '../storage/updates.js';
import { parts, specified, type State } from '../support/causalHistory.js';
import { someFacts } from './keyStore.js';

export function requestAt(ms: number): string {
  return `${1_700_000_000_000 + ms}-x.0123456789abcdef`;
}

/** All that a cut gives, read in parts of about so many bytes, each of them twice. */
export function readAll(
  cut: StoreCut,
  bytesMax: number,
): { requests: [string, readonly Dot[]][]; keys: [string, Versions][]; parts: number } {
  const all = { requests: [] as [string, readonly Dot[]][], keys: [] as [string, Versions][], parts: 0 };
  let position: SnapshotPosition | undefined;
  do {
    const part = cut.read(position, bytesMax);
    expect(cut.read(position, bytesMax)).toEqual(part);
    for (const { request, dots } of part.requests) all.requests.push([request, dots]);
    for (const { key, versions: found } of part.keys) all.keys.push([key, found]);
    all.parts += 1;
    position = part.next;
  } while (position !== undefined);
  return all;
}

/** Hands the state of one store to another: part by part, and over the wire. */
async function hand(source: KeyStore, facts: Checkpoint, target: KeyStore, bytesMax: number): Promise<void> {
  const cut = await source.cut(facts, Promise.resolve());
  await target.beginStaging(someSource, cut.checkpoint);
  let position: SnapshotPosition | undefined;
  do {
    const { requests, keys, next = null } = cut.read(position, bytesMax);
    const { checkpoint, entries } = cut;
    const chunk = decodeSnapshotChunk(
      encodeSnapshotChunk({
        from: 'node2' as ReplicaId,
        snapshot: 'cut',
        checkpoint,
        requests,
        keys,
        next,
        entries,
      }),
    );
    await target.stage(chunk, chunk.next ?? 'complete');
    position = chunk.next ?? undefined;
  } while (position !== undefined);
  cut.close();
}

export function load(store: KeyStore, state: State): void {
  for (const [key, found] of state.keys) store.set(key, found);
  for (const [request, dots] of state.requests) store.requests.set(request, dots);
}

export function stateOf(store: KeyStore): State {
  const keys = store
    .scan({ prefix: '', limit: 1000 })
    .map(({ key, versions: found }) => [key, found] as const);
  const requests = store.requests.oldest('9', 1000);
  return {
    clock: store.opened.clock,
    keys: new Map(keys),
    requests: new Map(
      requests.map(({ request, dots }) => [
        request,
        [...dots].sort((left, right) => (left.replica < right.replica ? -1 : 1)),
      ]),
    ),
  };
}

function factsOf({ clock, keys }: State): Checkpoint {
  const all = [...keys.values()];
  return {
    clock,
    timestamp: Math.max(0, ...all.flat().map(({ timestamp }) => timestamp)),
    liveKeys: all.filter((versions) => isLive(contentsOf(versions)[0])).length,
    conflictedKeys: all.filter((versions) => contentsOf(versions).length > 1).length,
    members: [],
  };
}

/** What every key store promises of the state that it hands on or receives. `open` gives a new, empty one. */
export function storeSnapshotContract(
  name: string,
  open: () => Promise<KeyStore>,
  options: { readonly numRuns: number },
): void {
  async function opened(): Promise<KeyStore> {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  }

  const cutOf = (store: KeyStore, facts = someFacts): Promise<StoreCut> =>
    store.cut(facts, Promise.resolve());
  const keysIn = (cut: StoreCut): string[] => readAll(cut, 1e6).keys.map(([key]) => key);

  describe(`${name} hands on its state`, () => {
    it('as it was when the cut was asked for, whatever is set and written later', async () => {
      const store = await opened();
      store.set('a', versions(1));
      store.set('b', versions(2));
      store.requests.set(requestAt(1), [{ replica: node1, counter: 1 }]);
      await store.checkpoint(someFacts, Promise.resolve());
      store.set('c', everyKind);
      store.remove('b');
      const asked = cutOf(store);
      store.set('a', versions(9));
      store.set('d', versions(9));
      store.requests.remove(requestAt(1));
      const cut = await asked;
      for (let round = 0; round < 3; round += 1) {
        expect(readAll(cut, 1e6)).toEqual({
          requests: [[requestAt(1), [{ replica: node1, counter: 1 }]]],
          keys: [
            ['a', versions(1)],
            ['c', everyKind],
          ],
          parts: 1,
        });
        expect(cut.checkpoint).toEqual(someFacts);
        expect(cut.entries).toBe(3);
        store.remove('c');
        store.set('a', versions(round + 10));
        await store.checkpoint(someFacts, Promise.resolve());
      }
      expect(store.get('a')).toEqual(versions(12));
      cut.close();
    });

    it('from the keys with a prefix on', async () => {
      const store = await opened();
      store.requests.set(requestAt(1), [{ replica: node1, counter: 1 }]);
      for (const key of ['a', 'ab', 'b', 'bä', 'c']) store.set(key, versions(1));
      const cut = await cutOf(store);
      const keysFrom = (prefix: string) => cut.read(firstWithPrefix(prefix), 1e6).keys.map(({ key }) => key);
      expect(keysFrom('b')).toEqual(['b', 'bä', 'c']);
      expect(keysFrom('aa')).toEqual(['ab', 'b', 'bä', 'c']);
      expect(keysFrom('')).toEqual(['a', 'ab', 'b', 'bä', 'c']);
      expect(keysFrom('d')).toEqual([]);
      expect(cut.read(firstWithPrefix(''), 1e6).requests).toEqual([]);
      cut.close();
    });

    it('to several at once, each with its own cut', async () => {
      const store = await opened();
      store.set('a', versions(1));
      const asked = [cutOf(store)];
      store.set('b', versions(2));
      asked.push(cutOf(store));
      store.remove('a');
      const running = store.checkpoint(someFacts, Promise.resolve());
      store.set('c', versions(3));
      asked.push(cutOf(store), cutOf(store));
      const cuts = await Promise.all(asked);
      await running;
      expect(cuts.map(keysIn)).toEqual([['a'], ['a', 'b'], ['b', 'c'], ['b', 'c']]);
      cuts[1]?.close();
      cuts[2]?.close();
      store.set('d', versions(4));
      await store.checkpoint(someFacts, Promise.resolve());
      expect([cuts[0], cuts[3]].map((cut) => keysIn(cut!))).toEqual([['a'], ['b', 'c']]);
    });

    it('in parts: first the requests, then the keys, each in order, from any position again', async () => {
      const store = await opened();
      const keys = [
        'a',
        'a\0',
        'a\0b',
        'é',
        '\uffee',
        '\u{1f600}',
        ...Array.from({ length: 90 }, (_, index) => `key${index}`),
      ];
      for (const [index, key] of keys.entries()) store.set(key, versions(index + 1, 'x'.repeat(index)));
      for (let ms = 0; ms < 50; ms += 1)
        store.requests.set(requestAt(ms * 7), [{ replica: node2, counter: ms + 1 }]);
      const cut = await cutOf(store);
      const whole = readAll(cut, 1e6);
      expect(whole.parts).toBe(1);
      expect(whole.keys.map(([key]) => key)).toEqual(
        [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
      );
      expect(whole.requests).toHaveLength(50);
      expect(cut.entries).toBe(146);
      for (const bytesMax of [0, 100, 1000]) {
        const { parts: count, ...content } = readAll(cut, bytesMax);
        expect({ ...content, parts: 1 }).toEqual(whole);
        expect(count).toBeGreaterThan(bytesMax === 0 ? 145 : 5);
        expect(count).toBeLessThanOrEqual(146);
      }
    });

    it('also where there is nothing', async () => {
      const store = await opened();
      const cut = await cutOf(store);
      expect(cut.read(undefined, 100)).toEqual({ requests: [], keys: [], next: undefined });
      expect(cut.entries).toBe(0);
    });

    it('from no position that it did not give', async () => {
      const cut = await cutOf(await opened());
      for (const position of ['', 'a', 'r', 'rx', 'k']) {
        expect(() => cut.read(position as SnapshotPosition, 100)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/BAD_REQUEST|KEY_INVALID/) as string }),
        );
      }
    });

    it('only once the log has it, and loses nothing where that fails', async () => {
      const store = await opened();
      store.set('a', versions(1));
      await expect(store.cut(someFacts, Promise.reject(new Error('disk on fire')))).rejects.toThrow(
        'disk on fire',
      );
      expect(store.get('a')).toEqual(versions(1));
      expect(keysIn(await cutOf(store))).toEqual(['a']);
    });

    it('until the cut or the store is closed', async () => {
      const store = await opened();
      const closed = expect.objectContaining({ code: 'KVC_E_CLOSED' }) as Error;
      const [first, second] = [await cutOf(store), await cutOf(store)];
      first.close();
      first.close();
      expect(() => first.read(undefined, 1)).toThrow(closed);
      expect(second.read(undefined, 1).keys).toEqual([]);
      await store.close();
      expect(() => second.read(undefined, 1)).toThrow(closed);
      second.close();
      await expect(cutOf(store)).rejects.toThrow(closed);
      await expect(store.beginStaging(someSource, someFacts)).rejects.toThrow(closed);
      await expect(store.stage({ requests: [], keys: [] }, 'complete')).rejects.toThrow(closed);
      await expect(store.dropStaged()).rejects.toThrow(closed);
      await expect(store.mergeStaged()).rejects.toThrow(closed);
      expect(() => store.stagedEntries).toThrow(closed);
    });
  });

  describe(`${name} takes the state of another`, () => {
    it('part by part, beside its own, and tells how far it has come', async () => {
      const store = await opened();
      expect(store.staged).toBeUndefined();
      store.set('a', versions(1));
      await store.beginStaging(someSource, someFacts);
      expect(store.staged).toEqual({ source: someSource, checkpoint: someFacts, next: null });
      await store.stage({ requests: [], keys: [{ key: 'b', versions: versions(2) }] }, 'kb');
      expect(store.staged?.next).toBe('kb');
      expect(store.stagedEntries).toBe(1);
      expect(store.get('b')).toBeUndefined();
      expect([store.size, store.requests.size]).toEqual([1, 0]);
      expect(keysIn(await cutOf(store))).toEqual(['a']);
      await store.dropStaged();
      expect(store.staged).toBeUndefined();
      expect(store.stagedEntries).toBe(0);
      await store.dropStaged();
    });

    it('dropping the parts of an earlier snapshot', async () => {
      const store = await opened();
      await store.beginStaging(someSource, someFacts);
      const part = (key: string, counter: number) => ({
        requests: [{ request: requestAt(counter), dots: [{ replica: node1, counter }] }],
        keys: [{ key, versions: versions(counter) }],
      });
      await store.stage(part('old', 1), 'kold');
      await store.beginStaging({ ...someSource, snapshot: 'second' }, someFacts);
      await store.stage(part('new', 2), 'complete');
      await store.mergeStaged();
      expect(store.scan({ prefix: '', limit: 9 }).map(({ key }) => key)).toEqual(['new']);
      expect(store.requests.oldest('9', 9).map(({ request }) => request)).toEqual([requestAt(2)]);
    });

    it('and refuses what does not fit', async () => {
      const store = await opened();
      const misuse = expect.objectContaining({ code: 'KVC_E_INTERNAL' }) as Error;
      await expect(store.stage({ requests: [], keys: [] }, 'complete')).rejects.toThrow(misuse);
      await expect(store.mergeStaged()).rejects.toThrow(misuse);
      await store.beginStaging(someSource, someFacts);
      await expect(store.mergeStaged()).rejects.toThrow(misuse);
      await store.stage({ requests: [], keys: [] }, 'complete');
      store.set('a', versions(1));
      await expect(store.mergeStaged()).rejects.toThrow(misuse);
      await store.checkpoint({ ...someFacts, clock: vector({ node1: 1 }) }, Promise.resolve());
      await store.mergeStaged();
    });

    it('knowing a write by all its dots, also where a checkpoint has just written some of them', async () => {
      const store = await opened();
      const mine = { replica: node1, counter: 5 };
      store.set('k', [{ ...versions(5, 'old')[0]!, dot: mine, request: requestAt(1) }]);
      store.requests.set(requestAt(1), [mine]);
      const clock = vector({ node1: 5 });
      await store.checkpoint({ ...someFacts, clock }, Promise.resolve());
      expect(store.requests.get(requestAt(1))).toEqual([mine]);
      await store.beginStaging(someSource, { ...someFacts, clock: vector({ node2: 8 }) });
      const theirs: Versions = [{ ...versions(8, 'new')[0]!, dot: { replica: node2, counter: 8 } }];
      const requests = [{ request: requestAt(1), dots: [{ replica: node2, counter: 7 }] }];
      await store.stage({ requests, keys: [{ key: 'k', versions: theirs }] }, 'complete');
      await store.mergeStaged();
      expect(store.requests.get(requestAt(1))).toHaveLength(2);
      expect(contentsOf(store.get('k') ?? [])).toEqual([expect.objectContaining({ value: text('new') })]);
    });

    it('and gives then what was joined, also of keys that were read before', async () => {
      const store = await opened();
      const [mine, theirs] = [versions(1, 'mine'), versions(2, 'theirs')];
      store.set('k', mine);
      await store.checkpoint({ ...someFacts, clock: vector({ node1: 1 }) }, Promise.resolve());
      expect([store.get('k'), store.get('new')]).toEqual([mine, undefined]);
      await store.beginStaging(someSource, { ...someFacts, clock: vector({ node1: 2 }) });
      const keys = ['k', 'new'].map((key) => ({ key, versions: theirs }));
      await store.stage({ requests: [], keys }, 'complete');
      expect(store.get('k')).toEqual(mine);
      await store.mergeStaged();
      expect([store.get('k'), store.get('new')]).toEqual([theirs, theirs]);
    });

    it('joins it with its own: what neither side has replaced, with facts counted anew', async () => {
      const [store, other] = [await opened(), await opened()];
      const [one, two] = [
        { replica: node1, counter: 1 },
        { replica: node2, counter: 2 },
      ];
      store.set('mine', versions(4));
      store.set('replaced there', versions(2));
      store.set('both', versions(3));
      store.set('collected there', versions(1, null));
      store.requests.set(requestAt(1), [one]);
      await store.checkpoint(
        {
          clock: vector({ node1: 4 }),
          timestamp: 20,
          liveKeys: 3,
          conflictedKeys: 0,
          members: someFacts.members.slice(1),
        },
        Promise.resolve(),
      );
      const theirs: Versions = [{ ...versions(5)[0]!, dot: { replica: node2, counter: 1 } }];
      other.set('replaced there', theirs);
      other.set('both', theirs);
      other.set('theirs', theirs);
      other.set('collected here', versions(2, null));
      other.requests.set(requestAt(1), [two, one]);
      other.requests.set(requestAt(2), [two]);
      const facts = {
        clock: vector({ node1: 2, node2: 2 }),
        timestamp: 9,
        liveKeys: 3,
        conflictedKeys: 0,
        members: someFacts.members.slice(0, 1),
      };
      await hand(other, facts, store, 1);
      const joined = await store.mergeStaged();
      expect(joined).toEqual({
        clock: vector({ node1: 4, node2: 2 }),
        timestamp: 20,
        liveKeys: 4,
        conflictedKeys: 1,
        members: someFacts.members,
      });
      expect(store.opened).toEqual(joined);
      expect(store.staged).toBeUndefined();
      expect(store.scan({ prefix: '', limit: 9 })).toEqual([
        { key: 'both', versions: [...theirs, ...versions(3)] },
        { key: 'mine', versions: versions(4) },
        { key: 'replaced there', versions: theirs },
        { key: 'theirs', versions: theirs },
      ]);
      expect([store.size, store.requests.size]).toEqual([4, 2]);
      expect(store.requests.get(requestAt(1))).toEqual([one, two]);
      expect(store.requests.get(requestAt(2))).toEqual([two]);
      store.remove('mine');
      expect(store.size).toBe(3);
    });

    it('so that it holds what delivering the updates of both gives', async () => {
      await fc.assert(
        fc.asyncProperty(
          parts(2),
          fc.integer({ min: 0, max: 200 }),
          async ([left = [], right = []], bytesMax) => {
            const [mine, theirs] = [specified(left), specified(right)];
            const both = specified([...new Set([...left, ...right])]);
            const [store, other] = [await open(), await open()];
            load(store, mine);
            await store.checkpoint(factsOf(mine), Promise.resolve());
            load(other, theirs);
            await hand(other, factsOf(theirs), store, bytesMax);
            const joined = await store.mergeStaged();
            expect(stateOf(store)).toEqual(both);
            const { timestamp, ...counts } = factsOf(both);
            expect(joined).toMatchObject({ ...counts, clock: mergeVectors(mine.clock, theirs.clock) });
            expect(joined.timestamp).toBeGreaterThanOrEqual(timestamp);
            expect(store.size).toBe(both.keys.size);
            await store.close();
            await other.close();
          },
        ),
        { numRuns: options.numRuns },
      );
    });
  });
}
