import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Happenings } from '../support/happenings.js';
import { playRun, runOf } from '../support/randomRun.js';

const seeds = fc.noBias(fc.noShrink(fc.nat()));

describe('replicas under random schedules of writes, sessions, faults, crashes and changes of the members', () => {
  it('deliver causally, exactly once and whole; lose nothing; honour sessions; converge to the specification; forget the rest', () => {
    const total: Partial<Record<keyof Happenings, number>> = {};
    fc.assert(
      fc.property(seeds, (seed) => {
        const { oracle, happened } = playRun(seed);
        expect(oracle.violations, JSON.stringify(runOf(seed))).toEqual([]);
        for (const [what, count] of Object.entries(happened) as [keyof Happenings, number][]) {
          total[what] = (total[what] ?? 0) + count;
        }
      }),
      { numRuns: 200 },
    );
    for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(0);
  });

  it('run the same way again from the same seed', () => {
    const [first, second] = [playRun(5), playRun(5)];
    expect(first.happened).toEqual(second.happened);
    expect([...first.oracle]).toEqual([...second.oracle]);
  });

  it('are caught when they deliver in fifo order, which ignores dependencies', () => {
    const violations: string[] = [];
    for (let seed = 0; violations.length === 0; seed += 1) {
      const shown = playRun(seed, 'fifo').oracle.violations.filter((each) => / shows .* before /.test(each));
      violations.push(...shown);
      expect(seed).toBeLessThan(40);
    }
  });
});
