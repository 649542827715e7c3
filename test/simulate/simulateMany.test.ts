import { describe, expect, it } from 'vitest';
import { addHappenings, nothingHappened } from '../../src/simulate/happenings.js';
import { runSeed } from '../../src/simulate/runSeed.js';
import { simulateMany } from '../../src/simulate/simulateMany.js';

describe('many runs', () => {
  it('add up to what each run is by itself, whichever process plays it', async () => {
    const happened = nothingHappened();
    let events = 0;
    for (let seed = 20; seed < 26; seed += 1) {
      const result = await runSeed(seed, { delivery: 'causal' });
      addHappenings(happened, result.happened);
      events += result.events;
    }
    const report = await simulateMany({ firstSeed: 20, runs: 6, delivery: 'causal' });
    expect(report).toMatchObject({ verdict: 'consistent', runs: 6, events, happened, failure: null });
  });

  it('end with the first failure in the order of the seeds', async () => {
    const report = await simulateMany({ firstSeed: 1, runs: 30, delivery: 'fifo' });
    const failed = report.failure?.seed ?? 0;
    expect(report).toMatchObject({ verdict: 'violation', runs: failed });
    for (let seed = 1; seed < failed; seed += 1) {
      expect(await runSeed(seed, { delivery: 'fifo' })).toMatchObject({ verdict: 'consistent' });
    }
    expect(report.failure?.replay_shrunk).toMatch(
      new RegExp(`^kvc simulate --seed ${failed} --runs 1 --delivery fifo --only [0-9,]+$`),
    );
  });

  it('come to no verdict where they are stopped', async () => {
    const stop = new AbortController();
    const report = await simulateMany({
      firstSeed: 1,
      runs: 100_000,
      delivery: 'causal',
      signal: stop.signal,
      onProgress: (done) => {
        if (done === 3) stop.abort();
      },
    });
    expect(report).toMatchObject({ verdict: 'unknown', stopped: true, failure: null });
    expect(report.runs).toBeLessThan(10);
  });
});
