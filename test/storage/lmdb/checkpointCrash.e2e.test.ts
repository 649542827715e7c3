import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openLmdbKeyStore } from '../../../src/storage/lmdb/lmdbKeyStore.js';
import { node1, temporaryDir } from '../updates.js';

const child = fileURLToPath(new URL('checkpointUntilKilled.ts', import.meta.url));

/** Resolves with the last checkpoint that the child called durable before SIGKILL hit it in the middle of the next. */
async function checkpointUntilKilled(dir: string, part: number): Promise<number> {
  const running = fork(child, [dir, String(part)], { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  let acknowledged = 0;
  running.on('message', (round) => (acknowledged = Number(round)));
  const [, signal] = (await once(running, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

describe('a checkpoint', () => {
  it('is all there or not at all after kill -9, and there once it was acknowledged', async () => {
    const dir = await temporaryDir();
    for (const part of [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      const acknowledged = await checkpointUntilKilled(dir, part);
      expect(acknowledged).toBeGreaterThan(0);
      const store = await openLmdbKeyStore(dir);
      const stored = store.opened.clock.get(node1) ?? 0;
      expect(stored).toBeGreaterThanOrEqual(acknowledged);
      expect(store.opened).toMatchObject({ timestamp: stored, liveKeys: 200, conflictedKeys: stored });
      const entries = store.scan({ prefix: '', limit: 1000 });
      const counters = entries.map(({ versions }) => versions[0]?.dot.counter);
      expect(counters).toEqual(Array.from({ length: 200 }, () => stored));
      await store.close();
    }
  }, 60_000);
});
