import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openLmdbKeyStore } from '../../src/storage/lmdbKeyStore.js';
import { node1, temporaryDir } from './updates.js';

const child = fileURLToPath(new URL('checkpointForever.ts', import.meta.url));

/** Kills a child that checkpoints without pause, some rounds and some microseconds after it began. */
async function checkpointUntilKilled(dir: string, rounds: number): Promise<number> {
  const running = fork(child, [dir], { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  let acknowledged = 0;
  let seen = 0;
  running.on('message', (round) => {
    acknowledged = Number(round);
    seen += 1;
    if (seen < rounds) return;
    running.kill('SIGKILL');
  });
  const [, signal] = (await once(running, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

describe('a checkpoint', () => {
  it('is all there or not at all after kill -9, and there once it was acknowledged', async () => {
    const dir = await temporaryDir();
    for (const rounds of [1, 2, 5, 11, 30, 61]) {
      const acknowledged = await checkpointUntilKilled(dir, rounds);
      const store = await openLmdbKeyStore(dir);
      const stored = store.opened.clock.get(node1) ?? 0;
      expect(stored).toBeGreaterThanOrEqual(acknowledged);
      expect(store.opened).toMatchObject({ timestamp: stored, liveKeys: 200, conflictedKeys: stored });
      const counters = store
        .scan({ prefix: '', limit: 1000 })
        .map(({ versions }) => versions[0]?.dot.counter);
      expect(counters).toEqual(Array.from({ length: 200 }, () => stored));
      await store.close();
    }
  });
});
