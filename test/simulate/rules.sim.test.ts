import { describe, expect, it } from 'vitest';
import { rules } from './rules.js';
import { withoutRule } from './withoutRule.js';

/** A rule that goes unnoticed in so many runs is not tested. */
const seedsMax = 2000;

describe('the simulator finds out when it is left out, within 2000 runs: the', () => {
  it.each(rules)('$name', { timeout: 300_000 }, async (rule) => {
    const { runSeed } = await withoutRule(rule);
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { verdict } = await runSeed(seed, { delivery: 'causal' });
      if (verdict === 'violation') return;
    }
    expect.unreachable(`nobody noticed in ${seedsMax} runs that this does not hold: ${rule.protects}`);
  });
});
