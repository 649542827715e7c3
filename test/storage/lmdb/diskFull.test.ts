import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openLmdbKeyStore, type LmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { someFacts } from '../../contracts/keyStore.js';
import { TinyDisk } from '../../support/tinyDisk.js';
import { canMount } from '../../support/tmpfs.js';
import { someSource, vector, versions } from '../updates.js';

const megabyte = 1024 * 1024;
const full = expect.objectContaining({ code: 'KVC_E_DISK_FULL' }) as Error;

async function openOn(disk: TinyDisk, notices: string[] = []): Promise<LmdbKeyStore> {
  const store = await openLmdbKeyStore(join(disk.path, 'store'), (message) => notices.push(message));
  onTestFinished(() => store.close());
  return store;
}

function setMany(store: LmdbKeyStore, counter: number, keys = 500): void {
  for (let index = 0; index < keys; index += 1) store.set(`key${index}`, versions(counter, 'x'.repeat(1000)));
}

function countersIn(store: LmdbKeyStore): (number | undefined)[] {
  const found = store.scan({ prefix: '', limit: 1000 }).map((entry) => entry.versions[0]?.dot.counter);
  return [...new Set(found)];
}

const checkpoint = (store: LmdbKeyStore): Promise<void> => store.checkpoint(someFacts, Promise.resolve());

describe.skipIf(!canMount)('a key store on a disk that is full', () => {
  beforeEach(() => {
    // lmdb-js tells of every failure there, too.
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => told.mockRestore());
  });

  // What is left decides whether the first page has no room, or part of a write has, or the last one of several has not.
  it.each([0, 4096, 20_000, 300_000])(
    'fails a checkpoint with %d bytes left, and loses nothing',
    async (left) => {
      const disk = new TinyDisk(4 * megabyte);
      const store = await openOn(disk);
      setMany(store, 1);
      await checkpoint(store);
      disk.fill(left);
      setMany(store, 2);
      store.remove('key7');
      store.requests.set('r', [{ replica: versions(1)[0]!.dot.replica, counter: 1 }]);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await expect(checkpoint(store)).rejects.toThrow(full);
        await expect(store.cut(someFacts, Promise.resolve())).rejects.toThrow(full);
        expect(countersIn(store)).toEqual([2]);
        expect([store.size, store.dirtyKeys]).toEqual([499, 501]);
      }
      disk.relieve();
      await checkpoint(store);
      await store.close();
      const reopened = await openOn(disk);
      expect(countersIn(reopened)).toEqual([2]);
      expect([reopened.size, reopened.requests.size]).toEqual([499, 1]);
    },
  );

  it('keeps on disk what was written before, and can be opened and read', async () => {
    const disk = new TinyDisk(4 * megabyte);
    const store = await openOn(disk);
    setMany(store, 1);
    await checkpoint(store);
    disk.fill(0);
    setMany(store, 2);
    await expect(checkpoint(store)).rejects.toThrow(full);
    await store.close();
    const reopened = await openOn(disk);
    expect(countersIn(reopened)).toEqual([1]);
    setMany(reopened, 3);
    await expect(checkpoint(reopened)).rejects.toThrow(full);
    disk.relieve();
    await checkpoint(reopened);
    expect(countersIn(reopened)).toEqual([3]);
  });

  it('is not created, and the process lives on', async () => {
    const disk = new TinyDisk(4 * megabyte);
    disk.fill(0);
    await expect(openOn(disk)).rejects.toThrow(full);
    disk.relieve();
    setMany(await openOn(disk), 1);
    const other = new TinyDisk(4 * megabyte);
    other.fill(40_000);
    await expect(openOn(other)).rejects.toThrow(full);
  });

  it('is not opened where lmdb would have to make a file, and the process lives on', async () => {
    const disk = new TinyDisk(4 * megabyte);
    const store = await openOn(disk);
    setMany(store, 1);
    await checkpoint(store);
    await store.close();
    await rm(join(disk.path, 'store', 'lock.mdb'));
    disk.fill(0);
    await expect(openOn(disk)).rejects.toThrow(full);
    disk.relieve();
    expect(countersIn(await openOn(disk))).toEqual([1]);
  });

  it('goes on staging and merging a snapshot where it stopped', async () => {
    const disk = new TinyDisk(6 * megabyte);
    const store = await openOn(disk);
    setMany(store, 1);
    const facts = { ...someFacts, clock: vector({ node1: 1 }) };
    await store.checkpoint(facts, Promise.resolve());
    await store.beginStaging(someSource, { ...facts, clock: vector({ node1: 2 }) });
    const part = (first: number) => ({
      requests: [],
      keys: Array.from({ length: 250 }, (_, index) => ({
        key: `key${first + index}`,
        versions: versions(2, 'y'.repeat(2000)),
      })),
    });
    await store.stage(part(0), 'kkey249');
    disk.fill(0);
    await expect(store.stage(part(250), 'complete')).rejects.toThrow(full);
    expect(store.staged?.next).toBe('kkey249');
    disk.relieve();
    await store.stage(part(250), 'complete');
    disk.fill(0);
    await expect(store.mergeStaged()).rejects.toThrow(full);
    expect(store.staged?.next).toBe('complete');
    disk.relieve();
    await store.mergeStaged();
    expect(store.staged).toBeUndefined();
    expect([countersIn(store), store.size]).toEqual([[2], 500]);
  });

  it('is left as it is where there is no room to compact it', async () => {
    const disk = new TinyDisk(40 * megabyte);
    const store = await openOn(disk);
    const value = 'x'.repeat(megabyte);
    for (let index = 0; index < 20; index += 1) store.set(`big${index}`, versions(1, value));
    await checkpoint(store);
    for (let index = 0; index < 12; index += 1) store.remove(`big${index}`);
    await checkpoint(store);
    await store.close();
    disk.fill(5 * megabyte);
    const notices: string[] = [];
    const reopened = await openOn(disk, notices);
    expect(notices).toEqual(['could not compact the key store']);
    expect(reopened.size).toBe(8);
    expect(reopened.get('big15')).toEqual(versions(1, value));
    await reopened.close();
    disk.relieve();
    const last = await openOn(disk, notices);
    expect(notices).toEqual(['could not compact the key store', 'compacted the key store']);
    expect(last.get('big15')).toEqual(versions(1, value));
  });
});
