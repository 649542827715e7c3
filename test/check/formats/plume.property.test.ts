import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkHistory } from '../../../src/check/checkHistory.js';
import type { Access, History, Returned } from '../../../src/check/history.js';
import type { Level, Verdict } from '../../../src/check/report.js';
import { plumeText } from '../../../src/check/formats/plumeText.js';
import { readText } from './readText.js';

const version: fc.Arbitrary<Returned> = fc.record(
  { value: fc.option(fc.integer({ min: 1, max: 3 })), wid: fc.constantFrom('n:1', 'n:2', 'n:3') },
  { requiredKeys: ['value'] },
);
const access: fc.Arbitrary<Access> = fc
  .tuple(fc.boolean(), fc.constantFrom('a', 'b'), version, fc.option(version))
  .map(([isRead, key, first, second]): Access =>
    isRead
      ? { kind: 'read', key, returned: second === null ? [first] : [first, second] }
      : { kind: 'write', key, ...first },
  );
const operation = fc.record({
  session: fc.constantFrom('r', 's', 't'),
  accesses: fc.array(access, { minLength: 1, maxLength: 3 }),
  isTxn: fc.constant(true),
  status: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'info' as const, 'fail' as const),
  isFinal: fc.constant(false),
  line: fc.constant(1),
});

/** Reads of what did not succeed returned nothing: no reader gives them. */
const history: fc.Arbitrary<History> = fc
  .array(operation, { minLength: 1, maxLength: 8 })
  .map((operations) =>
    operations
      .map((each) =>
        each.status === 'ok'
          ? each
          : { ...each, accesses: each.accesses.filter(({ kind }) => kind === 'write') },
      )
      .filter(({ accesses }) => accesses.length > 0),
  );

function verdicts(of: History): Map<Level, Verdict> {
  return new Map(checkHistory(of).levels.map(({ level, verdict }) => [level, verdict]));
}

it('makes no violation of what was none, whatever the format cannot hold', async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(history, async (original) => {
      const { lines } = plumeText(original);
      if (lines.length === 0) return;
      const before = verdicts(original);
      const after = verdicts((await readText(lines.join('\n'), 'plume')).history);
      for (const level of ['CC', 'CCv', 'TCC'] as const) {
        if (before.get(level) === 'violation') continue;
        judged += 1;
        expect([level, after.get(level)]).toEqual([level, 'consistent']);
      }
    }),
    { numRuns: 1000 },
  );
  expect(judged).toBeGreaterThan(100);
});
