import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { KvcError } from '../../../src/errors.js';
import type { Checkpoint } from '../../../src/storage/keyStore.js';
import { encodeCheckpoint } from '../../../src/storage/checkpointRecord.js';
import { checkpointKey, stagingKey } from '../../../src/storage/lmdb/environment.js';
import { openLmdbFiles } from '../../../src/storage/lmdb/openLmdbFiles.js';
import { LmdbKeyStore, openLmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { keyStoreContract, someFacts } from '../../contracts/keyStore.js';
import { storeSnapshotContract } from '../../contracts/storeSnapshot.js';
import { packRecord } from '../../../src/protocol/storeRecord.js';
import { encodeVersions } from '../../../src/protocol/versionsRecord.js';
import { sealRecord } from '../../../src/storage/sealedRecord.js';
import { temporaryDir, vector, versions, someSource } from '../updates.js';
import { valueOf } from '../../support/builders.js';

async function openStore(dir: string): Promise<LmdbKeyStore> {
  const store = await openLmdbKeyStore(dir);
  onTestFinished(() => store.close());
  return store;
}

/** A property opens many, so that each is removed with its directory when it is closed, by whoever closes it. */
async function openAnywhere(): Promise<LmdbKeyStore> {
  const dir = await mkdtemp(join(tmpdir(), 'kvc-storage-'));
  const store = await openLmdbKeyStore(dir);
  vi.spyOn(store, 'close').mockImplementation(async () => {
    await LmdbKeyStore.prototype.close.call(store);
    await rm(dir, { recursive: true, force: true });
  });
  return store;
}

/** Facts that are told apart by their timestamp. */
function factsAt(timestamp: number): Checkpoint {
  return { ...someFacts, timestamp };
}

keyStoreContract('the key store in lmdb', async () => openStore(await temporaryDir()));
storeSnapshotContract('the key store in lmdb', openAnywhere, { numRuns: 25 });

describe('LmdbKeyStore', () => {
  it('holds after reopening what the last checkpoint wrote, with its facts, and nothing later', async () => {
    const dir = await temporaryDir();
    const first = await openStore(dir);
    first.set('a', versions(1));
    first.set('b', versions(2));
    const running = first.checkpoint(someFacts, Promise.resolve());
    first.set('b', versions(3));
    first.set('c', versions(4));
    await running;
    await first.close();
    const second = await openStore(dir);
    expect(second.opened).toEqual(someFacts);
    expect(['a', 'b', 'c'].map((key) => second.get(key))).toEqual([versions(1), versions(2), undefined]);
    expect(second.size).toBe(2);
    expect(second.stats().bytes).toBeGreaterThan(0);
  });

  it('reads a key that is used again and again once, of an opened store too', async () => {
    const dir = await temporaryDir();
    const first = await openStore(dir);
    first.set('a', versions(1));
    await first.checkpoint(someFacts, Promise.resolve());
    await first.close();
    const files = await openLmdbFiles(dir);
    const reads = vi.spyOn(files.versions, 'get');
    const second = new LmdbKeyStore(files);
    onTestFinished(() => second.close());
    for (const key of ['a', 'b', 'a', 'b', 'a']) second.get(key);
    expect(reads.mock.calls.map(([key]) => String(key))).toEqual(['a', 'b', 'b']);
  });

  it('counts exactly the keys that a checkpoint would write, and the entries of store and overlay together', async () => {
    const store = await openStore(await temporaryDir());
    const counts = (): number[] => [store.dirtyKeys, store.size];
    store.set('a', versions(1));
    store.set('a', versions(2));
    store.set('b', versions(3));
    expect(counts()).toEqual([2, 2]);
    const running = store.checkpoint(someFacts, Promise.resolve());
    expect(counts()).toEqual([0, 2]);
    store.set('b', versions(4));
    store.set('c', versions(5));
    expect(counts()).toEqual([2, 3]);
    await running;
    expect(counts()).toEqual([2, 3]);
    store.set('a', versions(6));
    expect(counts()).toEqual([3, 3]);
  });

  it('counts the keys of a failed checkpoint once', async () => {
    const store = await openStore(await temporaryDir());
    store.set('a', versions(1));
    store.set('b', versions(1));
    const failing = store.checkpoint(someFacts, Promise.reject(new Error('no')));
    store.set('b', versions(2));
    store.set('c', versions(2));
    await expect(failing).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
    expect([store.dirtyKeys, store.size]).toEqual([3, 3]);
  });

  it('writes nothing before the log is durable', async () => {
    const dir = await temporaryDir();
    const store = await openStore(dir);
    store.set('a', versions(1));
    await store.checkpoint(someFacts, Promise.reject(new Error('no'))).catch(() => undefined);
    await store.close();
    const reopened = await openStore(dir);
    expect(reopened.get('a')).toBeUndefined();
    expect(reopened.opened.clock).toEqual(vector({}));
  });

  it('hands on why the log failed', async () => {
    const store = await openStore(await temporaryDir());
    const failure = new KvcError('KVC_E_LOG_FAILED', 'disk on fire');
    await expect(store.checkpoint(someFacts, Promise.reject(failure))).rejects.toBe(failure);
  });

  it('loses nothing when lmdb cannot write, and says why', async () => {
    const dir = await temporaryDir();
    const files = await openLmdbFiles(dir);
    const store = new LmdbKeyStore(files);
    const reason = Promise.reject(new Error('ENOSPC'));
    vi.spyOn(files.root, 'batch').mockRejectedValueOnce(
      Object.assign(new Error('failed'), { commitError: reason }),
    );
    store.set('a', versions(1));
    const failing = store.checkpoint(someFacts, Promise.resolve());
    await expect(failing).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
    await expect(failing).rejects.toThrow('ENOSPC');
    expect(store.get('a')).toEqual(versions(1));
    await store.checkpoint(someFacts, Promise.resolve());
    await store.close();
    expect((await openStore(dir)).get('a')).toEqual(versions(1));
  });

  it('writes checkpoints one after the other, each with what was set before it', async () => {
    const dir = await temporaryDir();
    const store = await openStore(dir);
    let logged = (): void => undefined;
    store.set('a', versions(1));
    store.set('b', versions(1));
    const first = store.checkpoint(factsAt(1), new Promise<void>((resolve) => (logged = resolve)));
    store.set('b', versions(2));
    store.remove('a');
    const second = store.checkpoint(factsAt(2), Promise.reject(new Error('no')));
    store.set('c', versions(3));
    const third = store.checkpoint(factsAt(3), Promise.resolve());
    store.set('c', versions(4));
    const seen = (): unknown[] => ['a', 'b', 'c'].map((key) => store.get(key)?.[0]?.dot.counter);
    expect([seen(), store.dirtyKeys, store.size]).toEqual([[undefined, 2, 4], 1, 2]);
    logged();
    await first;
    await expect(second).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
    await third;
    expect([seen(), store.dirtyKeys, store.size]).toEqual([[undefined, 2, 4], 1, 2]);
    await store.close();
    const reopened = await openStore(dir);
    expect(reopened.opened).toEqual(factsAt(3));
    expect(['a', 'b', 'c'].map((key) => reopened.get(key)?.[0]?.dot.counter)).toEqual([undefined, 2, 3]);
  });

  it('finishes a running checkpoint before it closes', async () => {
    const dir = await temporaryDir();
    const store = await openStore(dir);
    for (let index = 0; index < 3000; index += 1) store.set(`key${index}`, versions(index + 1));
    const running = store.checkpoint(someFacts, Promise.resolve());
    await store.close();
    await running;
    expect((await openStore(dir)).size).toBe(3000);
  });

  it('gives out values that later reads do not touch', async () => {
    const store = await openStore(await temporaryDir());
    for (const key of ['a', 'b']) store.set(key, versions(1, key.repeat(100)));
    await store.checkpoint(someFacts, Promise.resolve());
    const found = store.get('a');
    store.get('b');
    store.scan({ prefix: '', limit: 9 });
    expect(found).toEqual(versions(1, 'a'.repeat(100)));
  });

  it('stores values of a megabyte, and more than it first made room for', async () => {
    const dir = await temporaryDir();
    const store = await openStore(dir);
    const value = 'x'.repeat(1024 * 1024);
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 60; index += 1)
        store.set(`key${round}-${index}`, versions(round + 1, value));
      await store.checkpoint(someFacts, Promise.resolve());
    }
    expect(store.size).toBe(300);
    expect(store.stats().bytes).toBeGreaterThan(300 * value.length);
    expect(valueOf(store.get('key3-59')?.[0])?.length).toBe(value.length);
  });

  it('refuses what another version wrote', async () => {
    const dir = await temporaryDir();
    const key = Buffer.from('a');
    const files = await openLmdbFiles(dir);
    await files.versions.put(key, sealRecord(key, Buffer.from([0x91, 99])));
    await files.facts.put(checkpointKey, sealRecord(checkpointKey, encodeCheckpoint(someFacts)));
    await files.root.close();
    const store = await openStore(dir);
    expect(() => store.get('a')).toThrow(expect.objectContaining({ code: 'KVC_E_FORMAT_UNKNOWN' }));
    await store.close();
    const again = await openLmdbFiles(dir);
    await again.facts.put(checkpointKey, sealRecord(checkpointKey, Buffer.from([0x91, 99])));
    await again.root.close();
    await expect(openLmdbKeyStore(dir)).rejects.toMatchObject({ code: 'KVC_E_FORMAT_UNKNOWN' });
  });

  it('refuses the progress of a snapshot that another version noted, rather than to take it for damage', async () => {
    const dir = await temporaryDir();
    const files = await openLmdbFiles(dir);
    await files.facts.put(stagingKey, sealRecord(stagingKey, packRecord(1, ['node2 cut', [], 'ka', false])));
    await files.root.close();
    await expect(openLmdbKeyStore(dir)).rejects.toMatchObject({ code: 'KVC_E_FORMAT_UNKNOWN' });
  });

  it('tells the first format, which had no checksums, from damage', async () => {
    const dir = await temporaryDir();
    const files = await openLmdbFiles(dir);
    await files.facts.put(checkpointKey, Buffer.from([0x95, 1, 0x92, 0xa1, 0x61, 1, 1, 1, 0]));
    await files.versions.put(Buffer.from('a'), Buffer.from([0x95, 1, 0xa1, 0x61, 1, 1, 0xc0]));
    await files.root.close();
    await expect(openLmdbKeyStore(dir)).rejects.toMatchObject({ code: 'KVC_E_FORMAT_UNKNOWN' });
  });

  it('refuses keys without a checkpoint', async () => {
    const dir = await temporaryDir();
    const key = Buffer.from('a');
    const files = await openLmdbFiles(dir);
    await files.versions.put(key, sealRecord(key, encodeVersions(versions(1))));
    await files.root.close();
    await expect(openLmdbKeyStore(dir)).rejects.toMatchObject({ code: 'KVC_E_STORE_CORRUPT' });
  });

  it('starts afresh where a power failure interrupted the creation of its file', async () => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'data.mdb'), Buffer.alloc(100));
    const store = await openStore(dir);
    store.set('a', versions(1));
    await store.checkpoint(someFacts, Promise.resolve());
    await store.close();
    expect((await openStore(dir)).get('a')).toEqual(versions(1));
  });

  it('keeps a staged snapshot and its progress when it is closed, and what it was merged into', async () => {
    const dir = await temporaryDir();
    const part = (key: string) => ({ requests: [], keys: [{ key, versions: versions(1) }] });
    const first = await openStore(dir);
    await first.beginStaging(someSource, someFacts);
    await first.stage(part('a'), 'ka');
    await first.close();
    const second = await openStore(dir);
    expect(second.staged).toEqual({ source: someSource, checkpoint: someFacts, next: 'ka' });
    expect(second.stagedEntries).toBe(1);
    expect(second.opened.clock).toEqual(vector({}));
    await second.stage(part('b'), 'complete');
    await second.close();
    const third = await openStore(dir);
    const joined = await third.mergeStaged();
    await third.close();
    const last = await openStore(dir);
    expect(last.opened).toEqual(joined);
    expect(joined).toEqual({ ...someFacts, liveKeys: 2, conflictedKeys: 0 });
    expect([last.staged, last.size, last.get('b')]).toEqual([undefined, 2, versions(1)]);
  });

  it('lets a merge that has begun only be finished', async () => {
    const dir = await temporaryDir();
    const files = await openLmdbFiles(dir);
    const store = new LmdbKeyStore(files);
    await store.beginStaging(someSource, someFacts);
    await store.stage({ requests: [], keys: [{ key: 'a', versions: versions(1) }] }, 'complete');
    const batch = files.root.batch.bind(files.root);
    const spied = vi.spyOn(files.root, 'batch').mockImplementationOnce(batch);
    spied.mockRejectedValueOnce(new Error('no'));
    await expect(store.mergeStaged()).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
    await store.close();
    const reopened = await openStore(dir);
    const misuse = { code: 'KVC_E_INTERNAL' };
    await expect(reopened.dropStaged()).rejects.toMatchObject(misuse);
    await expect(reopened.beginStaging(someSource, someFacts)).rejects.toMatchObject(misuse);
    await expect(reopened.stage({ requests: [], keys: [] }, 'complete')).rejects.toMatchObject(misuse);
    await expect(reopened.checkpoint(someFacts, Promise.resolve())).rejects.toMatchObject(misuse);
    await expect(reopened.cut(someFacts, Promise.resolve())).rejects.toMatchObject(misuse);
    await reopened.mergeStaged();
    expect(reopened.get('a')).toEqual(versions(1));
    await reopened.checkpoint(someFacts, Promise.resolve());
  });

  it('takes a directory with a dot in its name', async () => {
    const dir = join(await temporaryDir(), 'store.1');
    const store = await openStore(dir);
    expect(store.size).toBe(0);
    expect(await readdir(dir)).toContain('data.mdb');
  });

  it('says so when the directory cannot be used', async () => {
    await expect(openLmdbKeyStore('/dev/null/store')).rejects.toMatchObject({ code: 'KVC_E_STORE_FAILED' });
  });
});
