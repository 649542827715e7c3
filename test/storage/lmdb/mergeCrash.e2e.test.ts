import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../../src/core/contents.js';
import type { RegisterVersion } from '../../../src/core/versions.js';
import { openLmdbKeyStore, type LmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { someFacts } from '../../contracts/keyStore.js';
import { requestAt } from '../../contracts/storeSnapshot.js';
import { node1, node2, temporaryDir, text, vector, someSource } from '../updates.js';

const child = fileURLToPath(new URL('mergeUntilKilled.ts', import.meta.url));
const keyCount = 3000;

/** Undefined if it was killed, else how many transactions it made. */
async function mergeUntilKilled(dir: string, killedIn: number, afterMs: number): Promise<number | undefined> {
  const args = [dir, String(killedIn), String(afterMs)];
  const running = fork(child, args, { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  let transactions: number | undefined;
  running.on('message', (count) => (transactions = Number(count)));
  const [code, signal] = (await once(running, 'close')) as [number | null, string | null];
  expect(transactions === undefined ? signal : code).toBe(transactions === undefined ? 'SIGKILL' : 0);
  return transactions;
}

function version(
  replica: typeof node1,
  counter: number,
  parts: Partial<RegisterVersion> = {},
): RegisterVersion {
  return { dot: { replica, counter }, timestamp: counter, value: text(`${replica}:${counter}`), ...parts };
}

/** A third of the keys are its own, half of them replaced by the other; a third are the other's, a third both have. */
async function prepare(store: LmdbKeyStore): Promise<void> {
  const requests = [];
  const keys = [];
  for (let counter = 1; counter <= keyCount; counter += 1) {
    const request = counter % 5 === 0 ? { request: requestAt(counter) } : {};
    if (counter % 3 !== 1) store.set(`key${counter}`, [version(node1, counter, request)]);
    if (counter % 3 !== 0) keys.push({ key: `key${counter}`, versions: [version(node2, counter, request)] });
    if (counter % 2 === 0) store.requests.set(requestAt(counter), [{ replica: node1, counter }]);
    if (counter % 3 === 0)
      requests.push({ request: requestAt(counter), dots: [{ replica: node2, counter }] });
  }
  await store.checkpoint({ ...someFacts, clock: vector({ node1: keyCount }) }, Promise.resolve());
  const clock = vector({ node1: keyCount / 2, node2: keyCount });
  await store.beginStaging(someSource, { ...someFacts, clock, timestamp: keyCount });
  await store.stage({ requests, keys }, 'complete');
}

/** Where a write that was sent twice is gone, an echo may be left, which no client sees. */
function liveKeysOf(store: LmdbKeyStore): number {
  const entries = store.scan({ prefix: '', limit: 2 * keyCount });
  return entries.filter(({ versions }) => outlineOf(versions).type !== undefined).length;
}

async function isStaged(dir: string): Promise<boolean> {
  const store = await openLmdbKeyStore(dir);
  await store.close();
  return store.staged !== undefined;
}

function contentOf(store: LmdbKeyStore): string {
  const entries = store.scan({ prefix: '', limit: 2 * keyCount });
  const requests = store.requests.oldest('9', 2 * keyCount);
  const { opened, size, staged } = store;
  const counts = [entries.length, requests.length, size, opened.liveKeys, opened.conflictedKeys];
  const hash = createHash('sha256').update(serialize({ entries, requests, opened, staged })).digest('hex');
  return `${counts.join(' ')} ${hash}`;
}

describe('merging a staged snapshot', () => {
  it('comes to the same result after kill -9 in any of its transactions, again and again', async () => {
    const dir = await temporaryDir();
    const [prepared, copy] = [join(dir, 'prepared'), join(dir, 'copy')];
    const first = await openLmdbKeyStore(prepared);
    await prepare(first);
    await first.close();
    await cp(prepared, copy, { recursive: true });
    const whole = await openLmdbKeyStore(copy);
    const joined = await whole.mergeStaged();
    expect(joined).toMatchObject({
      clock: vector({ node1: keyCount, node2: keyCount }),
      liveKeys: liveKeysOf(whole),
    });
    const expected = contentOf(whole);
    await whole.close();

    let finished = 0;
    let transactions: number | undefined;
    for (let killedIn = 1; transactions === undefined; killedIn += 1) {
      await rm(copy, { recursive: true });
      await cp(prepared, copy, { recursive: true });
      transactions = await mergeUntilKilled(copy, killedIn, killedIn % 3);
      if (killedIn % 2 === 0 && (await isStaged(copy))) await mergeUntilKilled(copy, killedIn - 1, 1);
      const store = await openLmdbKeyStore(copy);
      if (store.staged === undefined) finished += 1;
      else {
        expect(store.staged.next).toBe('complete');
        expect(store.opened.clock).toEqual(vector({ node1: keyCount }));
        await store.mergeStaged();
      }
      expect(contentOf(store)).toBe(expected);
      await store.close();
    }
    expect(transactions).toBeGreaterThan(6);
    // A kill in one of the last transactions may come when all is done, the more so where some of it was done before.
    expect(finished, 'most kills struck before the end').toBeLessThan(transactions / 2);
  }, 120_000);
});
