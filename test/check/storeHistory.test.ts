import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../src/check/checkHistory.js';
import type { Level } from '../../src/check/report.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { siblingStoreHistory } from '../support/siblingStore.js';
import { storeHistory } from '../support/storeHistory.js';
import { testSeed } from '../support/testSeed.js';

const shape = { operations: 3000, sessions: 12, keys: 40, replicas: 4, indefinite: 0.03, transactions: 0.2 };

describe(`the history of a simulated store (KVC_TEST_SEED=${testSeed})`, () => {
  it('is consistent if it delivers in causal order, apart from causal memory, which it does not promise', () => {
    const history = storeHistory({
      ...shape,
      random: new SeededRandom(testSeed),
      delivery: 'causal',
      hasFinalReads: true,
    });
    const { verdict, levels, coverage } = checkHistory(history);
    const failed = levels.filter((each) => each.isClaimed && each.verdict !== 'consistent');
    expect(failed).toEqual([]);
    expect(verdict).toBe('consistent');
    expect(coverage.readsAtRiskOfOthers).toBeGreaterThan(coverage.reads / 2);
    expect(coverage).toMatchObject({
      operations: 3160,
      sessions: 16,
      keys: 40,
      finalReads: 160,
      replicas: 4,
    });
    expect(coverage.indefiniteSeen).toBeGreaterThan(0);
  });

  it('is caught if it does not, with a small witness', () => {
    const history = storeHistory({ ...shape, random: new SeededRandom(testSeed), delivery: 'fifo' });
    const { verdict, levels } = checkHistory(history);
    const violated = levels.filter((each) => each.verdict === 'violation').map(({ level }) => level);
    expect(verdict).toBe('violation');
    expect(violated).toEqual(expect.arrayContaining<Level>(['CC', 'CM', 'CCv', 'TCC']));
    const { anomaly } = levels.find(({ level }) => level === 'CC') ?? {};
    // Two for each session on the way, which is about 7 on most seeds.
    expect(anomaly?.witness.operations.length).toBeLessThanOrEqual(14);
  });
});

describe(`histories of a store with siblings, deletes and lost answers (KVC_TEST_SEED=${testSeed})`, () => {
  it('are never called a violation of what the store promises', () => {
    const random = new SeededRandom(testSeed);
    for (let count = 0; count < 500; count += 1) {
      const history = siblingStoreHistory(random, 90);
      const { levels } = checkHistory(history);
      const failed = levels.filter(({ isClaimed, verdict }) => isClaimed && verdict !== 'consistent');
      expect(failed, JSON.stringify(history)).toEqual([]);
    }
  });
});
