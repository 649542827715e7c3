import { describe, expect, it } from 'vitest';
import { attribute } from '../../src/check/attribution/attribute.js';
import type { History } from '../../src/check/history.js';
import { LevelJudge } from '../../src/check/levels/judgeLevel.js';
import type { Level } from '../../src/check/report.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { testAmount } from '../support/testAmount.js';
import { testSeed } from '../support/testSeed.js';
import { bruteForce, bruteForceLevels } from './bruteForce.js';
import { tinyHistory } from './tinyHistory.js';

const histories = testAmount({ full: 1_000_000, quick: 100_000 });

describe('the checker and the definitions tried out', () => {
  it(`agree on ${histories} tiny histories (KVC_TEST_SEED=${testSeed})`, { timeout: 900_000 }, () => {
    const random = new SeededRandom(testSeed);
    const found = new Map<Level, { violated: number; held: number }>(
      bruteForceLevels.map((level) => [level, { violated: 0, held: 0 }]),
    );
    for (let index = 0; index < histories; index += 1) {
      const history = tinyHistory(random);
      for (const [level, isViolated] of compare(history)) {
        const counts = found.get(level);
        if (counts !== undefined) counts[isViolated ? 'violated' : 'held'] += 1;
      }
    }
    // Else the comparison would prove nothing.
    for (const counts of found.values()) {
      expect(counts.violated).toBeGreaterThan(histories / 2000);
      expect(counts.held).toBeGreaterThan(histories / 2000);
    }
  });
});

function* compare(history: History): Generator<[Level, boolean]> {
  const expected = bruteForce(history);
  const judge = new LevelJudge(attribute(history));
  for (const level of bruteForceLevels) {
    const isSession = !['CC', 'CM', 'CCv', 'TCC'].includes(level);
    if (isSession && expected.isCyclic) continue;
    const isViolated = judge.judge(level).findings.length > 0;
    // Where it is not clear what a read returned, the checker may miss what every choice would violate, and no more.
    const isRight = isViolated === expected.violated.has(level) || (!isViolated && !expected.isClear);
    if (!isRight)
      expect.fail(`${level}: ${isViolated ? 'violated' : 'holds'}, wrongly, in ${JSON.stringify(history)}`);
    if (expected.isClear) yield [level, isViolated];
  }
}
