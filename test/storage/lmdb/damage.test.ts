import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeVersions } from '../../../src/protocol/versionsRecord.js';
import { encodeCheckpoint } from '../../../src/storage/checkpointRecord.js';
import { checkpointKey } from '../../../src/storage/lmdb/environment.js';
import { LmdbKeyStore, openLmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { openLmdbFiles } from '../../../src/storage/lmdb/openLmdbFiles.js';
import { sealRecord } from '../../../src/storage/sealedRecord.js';
import { someFacts } from '../../contracts/keyStore.js';
import { temporaryDir, versions } from '../updates.js';

const corrupt = expect.objectContaining({ code: 'KVC_E_STORE_CORRUPT' }) as Error;

describe('a key store whose file is damaged', () => {
  it.each([
    'no lmdb file',
    'zeros',
    'cut by a byte',
    'cut in the middle',
    'cut in its head',
    'empty',
    'gone',
  ])('is refused (%s) instead of crashing, and left as it is', async (damage) => {
    const dir = await temporaryDir();
    const store = await openLmdbKeyStore(dir);
    for (let index = 0; index < 500; index += 1) store.set(`key${index}`, versions(1));
    await store.checkpoint(someFacts, Promise.resolve());
    await store.close();
    const path = join(dir, 'data.mdb');
    const content = await readFile(path);
    if (damage === 'no lmdb file') content.fill('this is no lmdb file');
    if (damage === 'zeros') content.fill(0);
    const kept = {
      'cut by a byte': content.length - 1,
      'cut in the middle': content.length / 2,
      'cut in its head': 5000,
      empty: 0,
    }[damage];
    await writeFile(path, content.subarray(0, kept));
    if (damage === 'gone') await rm(path);
    await expect(openLmdbKeyStore(dir)).rejects.toMatchObject({
      code: 'KVC_E_STORE_CORRUPT',
      facts: { file: path },
    });
    const left = await readFile(path).catch(() => undefined);
    expect(left?.length).toBe(damage === 'gone' ? undefined : (kept ?? content.length));
  });

  const key = Buffer.from('a');
  const sound = sealRecord(key, encodeVersions(versions(1, 'value')));
  const flipped = Buffer.from(sound);
  flipped[flipped.length - 8]! ^= 1;
  it.each([
    ['a bit is another one', flipped],
    ['it is cut short', sound.subarray(0, -1)],
    ['it is empty but for a byte', Buffer.from([1])],
    ['it belongs to another key', sealRecord(Buffer.from('b'), encodeVersions(versions(1)))],
    ['it is sealed and no record', sealRecord(key, Buffer.from('text'))],
  ])('never gives a record of which %s', async (_, record) => {
    const files = await openLmdbFiles(await temporaryDir());
    const store = new LmdbKeyStore(files);
    onTestFinished(() => store.close());
    store.set('c', versions(2));
    await store.checkpoint(someFacts, Promise.resolve());
    await files.versions.put(key, record);
    await files.requests.put(key, record);
    files.root.resetReadTxn();
    expect(() => store.get('a')).toThrow(corrupt);
    expect(() => store.scan({ prefix: '', limit: 9 })).toThrow(corrupt);
    expect(() => store.requests.get('a')).toThrow(corrupt);
    expect(store.get('c')).toEqual(versions(2));
    const cut = await store.cut(someFacts, Promise.resolve());
    expect(() => cut.read(undefined, 1e6)).toThrow(corrupt);
  });

  it('is refused on opening where that is so', async () => {
    const dir = await temporaryDir();
    const files = await openLmdbFiles(dir);
    await files.versions.put(key, flipped);
    await files.facts.put(checkpointKey, sealRecord(checkpointKey, encodeCheckpoint(someFacts)));
    await files.root.close();
    await expect(openLmdbKeyStore(dir)).rejects.toThrow(corrupt);
  });
});
