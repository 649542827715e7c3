import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkLimitDefaults } from '../../src/core/link.js';
import { runSchedule } from '../support/randomSchedule.js';
import type { Happenings } from '../support/happenings.js';
import { VirtualCluster } from '../support/virtualCluster.js';

const runs = fc.record({
  seed: fc.nat(),
  nodes: fc.integer({ min: 2, max: 6 }),
  actions: fc.integer({ min: 10, max: 150 }),
  sessions: fc.integer({ min: 1, max: 4 }),
  loss: fc.constantFrom(0, 0.05, 0.3),
  duplication: fc.constantFrom(0, 0.1, 0.5),
  delayMsMax: fc.constantFrom(1, 30, 250),
  batchUpdatesMax: fc.constantFrom(1, 4, 512),
  pendingMax: fc.constantFrom(2, 10, 1000),
  gapMsMax: fc.constantFrom(10, 30, 200),
  upheavals: fc.constantFrom(0, 1, 2, 5),
});

type Run = typeof runs extends fc.Arbitrary<infer T> ? T : never;

function play(run: Run, delivery: 'causal' | 'fifo' = 'causal'): VirtualCluster {
  const { batchUpdatesMax, pendingMax } = run;
  const limits = { pendingMax, requestIdsMs: 5000, link: { ...linkLimitDefaults, batchUpdatesMax } };
  const cluster = new VirtualCluster({ ...run, delivery, limits });
  runSchedule(cluster, run);
  return cluster;
}

describe('replicas under random schedules of writes, sessions, faults and crashes', () => {
  it('deliver causally, exactly once and whole; lose nothing; honour sessions; converge to the specification', () => {
    const total: Partial<Record<keyof Happenings, number>> = {};
    fc.assert(
      fc.property(runs, (run) => {
        const cluster = play(run);
        expect(cluster.oracle.violations).toEqual([]);
        for (const [what, count] of Object.entries(cluster.happened) as [keyof Happenings, number][]) {
          total[what] = (total[what] ?? 0) + count;
        }
      }),
      { numRuns: 200 },
    );
    for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(0);
  });

  it('run the same way again from the same seed', () => {
    const run: Run = {
      seed: 1,
      nodes: 4,
      actions: 80,
      sessions: 3,
      loss: 0.05,
      duplication: 0.1,
      delayMsMax: 30,
      batchUpdatesMax: 4,
      pendingMax: 10,
      gapMsMax: 30,
      upheavals: 2,
    };
    const [first, second] = [play(run), play(run)];
    expect(first.happened).toEqual(second.happened);
    expect([...first.oracle]).toEqual([...second.oracle]);
  });

  it('are caught when they deliver in fifo order, which ignores dependencies', () => {
    const caught = fc
      .sample(runs, { numRuns: 40, seed: 7 })
      .flatMap((run) => play(run, 'fifo').oracle.violations);
    expect(caught.some((violation) => / shows .* before /.test(violation))).toBe(true);
  });
});
