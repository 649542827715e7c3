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

  // Each of these seeds fails where what it stands for is taken back.
  it.each([
    [2, 'tombstones that a search finds before they can be forgotten'],
    [3, 'tombstones that lost against a value, in a store from before'],
    [5, 'a refusal that says something is durable before it is'],
    [7, 'a replica that was restarted while it was leaving'],
    [109, 'a peer that lacks what the log has no longer, while there is always something else to ship'],
    [241, 'a member that is what the own node was before'],
  ])('stand seed %i: %s', (seed) => {
    expect(playRun(seed).oracle.violations).toEqual([]);
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
