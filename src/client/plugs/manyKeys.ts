import { hasCode } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import type { Entry } from '../library/entry.js';
import type { KvcClient } from '../library/kvcClient.js';

/** Keys read or deleted by one request. */
const pageKeys = limits.readKeysMax;

/** One write of many; undefined deletes. */
export interface PlugWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly ttlMs: number | undefined;
}

/**
 * What any number of keys hold, in the order of the keys. As many as one request may ask for, and answer, are of one instant.
 * @throws KvcError what `getMany` throws
 */
export async function readMany(client: KvcClient, keys: readonly string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let from = 0; from < keys.length; from += pageKeys) {
    entries.push(...(await readPage(client, keys.slice(from, from + pageKeys))));
  }
  return entries;
}

/** Values that are too large together are read in two parts. */
async function readPage(client: KvcClient, keys: readonly string[]): Promise<Entry[]> {
  try {
    return await client.getMany(keys);
  } catch (error) {
    if (keys.length === 1 || !hasCode(error, 'KVC_E_MESSAGE_TOO_LARGE')) throw error;
    const half = Math.ceil(keys.length / 2);
    return [...(await readPage(client, keys.slice(0, half))), ...(await readPage(client, keys.slice(half)))];
  }
}

/**
 * Makes any number of writes, in their order. As many as one batch holds are visible together or not at all; where that is not all
 * of them, the first batches are written when a later one fails.
 * @throws KvcError what `commit` throws
 */
export async function writeMany(client: KvcClient, writes: readonly PlugWrite[]): Promise<void> {
  for (const part of batchesOf(writes)) {
    const batch = client.batch();
    for (const { key, value, ttlMs } of part) {
      if (value === undefined) batch.delete(key);
      else batch.set(key, value, ttlMs === undefined ? {} : { ttlMs });
    }
    await batch.commit();
  }
}

/** Deletes all keys that begin with the prefix, page by page, each whole or not at all. What is written meanwhile may stay. */
export async function deleteUnder(client: KvcClient, prefix: string): Promise<void> {
  let page: string[] = [];
  for await (const { key } of client.list({ prefix })) {
    page.push(key);
    if (page.length === limits.batchOperationsMax) {
      await writeMany(client, page.map(deletion));
      page = [];
    }
  }
  await writeMany(client, page.map(deletion));
}

export function deletion(key: string): PlugWrite {
  return { key, value: undefined, ttlMs: undefined };
}

/** The writes in parts that a batch takes. */
function* batchesOf(writes: readonly PlugWrite[]): Generator<readonly PlugWrite[], void, undefined> {
  let from = 0;
  let bytes = 0;
  for (const [index, write] of writes.entries()) {
    const size = sizeOf(write);
    const isFull = index - from === limits.batchOperationsMax || bytes + size > limits.batchBytesMax;
    if (isFull && index > from) {
      yield writes.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < writes.length) yield writes.slice(from);
}

function sizeOf({ key, value }: PlugWrite): number {
  return Buffer.byteLength(key) + (value?.byteLength ?? 0);
}
