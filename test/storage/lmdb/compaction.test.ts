import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLmdbKeyStore, type LmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { someFacts } from '../../contracts/keyStore.js';
import { requestAt } from '../../contracts/storeSnapshot.js';
import { node1, temporaryDir, versions } from '../updates.js';

interface Notice {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function open(dir: string, notices: Notice[] = []): Promise<LmdbKeyStore> {
  const store = await openLmdbKeyStore(dir, (message, facts) => notices.push({ message, facts }));
  onTestFinished(() => store.close());
  return store;
}

const checkpoint = (store: LmdbKeyStore): Promise<void> => store.checkpoint(someFacts, Promise.resolve());

/** A page has room for four: changing each of them frees more pages than one page can list. */
const smallValue = 'x'.repeat(900);

/** Leaves so many of 36 values of half a megabyte, and many small ones. */
async function fill(dir: string, left: number): Promise<void> {
  const store = await open(dir);
  for (let index = 0; index < 36; index += 1) store.set(`big${index}`, versions(1, 'x'.repeat(512 * 1024)));
  for (let index = 0; index < 4000; index += 1) store.set(`small${index}`, versions(1, smallValue));
  store.requests.set(requestAt(1), [{ replica: node1, counter: 1 }]);
  await checkpoint(store);
  for (let index = left; index < 36; index += 1) store.remove(`big${index}`);
  await checkpoint(store);
  await store.close();
}

const sizeOf = async (dir: string): Promise<number> => (await stat(join(dir, 'data.mdb'))).size;

describe('the file of the key store', () => {
  it('says how much of it is in use', async () => {
    const dir = await temporaryDir();
    const store = await open(dir);
    const empty = store.stats();
    expect(empty.usedBytes).toBeGreaterThan(0);
    expect(empty.usedBytes).toBeLessThanOrEqual(empty.bytes);
    for (let index = 0; index < 20; index += 1) store.set(`key${index}`, versions(1, 'x'.repeat(100_000)));
    await checkpoint(store);
    const filled = store.stats();
    expect(filled.usedBytes - empty.usedBytes).toBeGreaterThan(2_000_000);
    for (let index = 0; index < 20; index += 1) store.remove(`key${index}`);
    await checkpoint(store);
    expect(store.stats().bytes).toBeGreaterThanOrEqual(filled.bytes);
    expect(store.stats().usedBytes - empty.usedBytes).toBeLessThan(100_000);
  });

  it('is compacted on opening when most of it is free, with nothing lost', async () => {
    const dir = await temporaryDir();
    await fill(dir, 4);
    const before = await sizeOf(dir);
    expect(before).toBeGreaterThan(18_000_000);
    const notices: Notice[] = [];
    const store = await open(dir, notices);
    const after = await sizeOf(dir);
    expect(after).toBeLessThan(before / 2);
    expect(notices).toEqual([
      { message: 'compacted the key store', facts: { bytes_before: before, bytes: after } },
    ]);
    expect([store.size, store.requests.size, store.opened]).toEqual([4004, 1, someFacts]);
    expect(store.get('big3')).toEqual(versions(1, 'x'.repeat(512 * 1024)));
    expect(store.get('small3999')).toEqual(versions(1, smallValue));
    expect(await readdir(dir)).not.toContain('compacting');
  });

  it('takes a checkpoint of everything directly after that, which ended the process without free pages', async () => {
    const dir = await temporaryDir();
    await fill(dir, 4);
    const store = await open(dir);
    for (let round = 2; round < 5; round += 1) {
      for (let index = 0; index < 4000; index += 1) store.set(`small${index}`, versions(round, smallValue));
      await checkpoint(store);
    }
    await store.close();
    const reopened = await open(dir);
    expect(reopened.get('small17')).toEqual(versions(4, smallValue));
    expect(reopened.size).toBe(4004);
  });

  it('is left alone while half of it is in use, or it is small', async () => {
    const dir = await temporaryDir();
    await fill(dir, 20);
    const notices: Notice[] = [];
    const before = await sizeOf(dir);
    await (await open(dir, notices)).close();
    const small = await temporaryDir();
    const store = await open(small);
    store.set('a', versions(1, 'x'.repeat(1_000_000)));
    await checkpoint(store);
    store.remove('a');
    await checkpoint(store);
    await store.close();
    await open(small, notices);
    expect(notices).toEqual([]);
    expect(await sizeOf(dir)).toBe(before);
  });

  it('is what counts, not a copy that a crash has left', async () => {
    const dir = await temporaryDir();
    const store = await open(dir);
    store.set('a', versions(1));
    await checkpoint(store);
    await store.close();
    await mkdir(join(dir, 'compacting'));
    await writeFile(join(dir, 'compacting', 'data.mdb'), 'half a copy');
    expect((await open(dir)).get('a')).toEqual(versions(1));
    expect(await readdir(dir)).not.toContain('compacting');
  });
});
