import { describe, expect, it } from 'vitest';
import type { Coverage, Level, LevelVerdict } from '../../../src/check/report.js';
import { coverageText, coverageWarning } from '../../../src/view/check/coverageText.js';
import { reportText } from '../../../src/view/check/reportText.js';
import { proofTitle, violationsOf } from '../../../src/view/check/violations.js';
import { witnessSvg } from '../../../src/view/check/witnessSvg.js';
import { plainPaint } from '../../../src/view/style.js';
import { consistent, coverage, photo, reportOf, violated, witnessOf } from './witnesses.js';

function withCoverage(changes: Partial<Coverage>): Coverage {
  return { ...coverage, ...changes };
}

describe('a report in words', () => {
  it('of a consistent history has the verdict, the levels and the coverage', () => {
    const report = reportOf(
      'consistent',
      consistent('CC'),
      {
        level: 'CM',
        verdict: 'violation',
        isClaimed: false,
        anomaly: { pattern: 'CyclicHB', explanation: '', witness: photo },
      },
      {
        level: 'convergence',
        verdict: 'unknown',
        isClaimed: false,
        reason: 'the history has no final reads',
      },
    );
    expect(reportText(report, 'h.ndjson', plainPaint)).toBe(
      [
        'consistent  h.ndjson: 500 operations of 8 sessions',
        '',
        'LEVEL                      VERDICT     PATTERN',
        'CC                         consistent',
        'CM (not claimed)           violation   CyclicHB',
        'convergence (not claimed)  unknown     the history has no final reads',
        '',
        '260 reads and 240 writes of 40 keys',
        '210 of the reads had a causally earlier write to miss, 140 of them one of another session',
      ].join('\n'),
    );
  });

  it('of a violation shows what proves it once, in words and as a diagram', () => {
    const report = reportOf(
      'violation',
      violated('monotonic-writes', photo, 'NonMonotonicWrites'),
      violated('CC'),
      violated('CCv'),
    );
    const text = reportText(report, 'h.ndjson', plainPaint);
    expect(text).toContain(
      [
        'NonMonotonicWrites (monotonic-writes)',
        'NonMonotonicWrites explained',
        '',
        'WriteCORead (CC, CCv)',
        'WriteCORead explained',
        '',
        '  1  alice  line 1  photo = beach   n1:1',
        '  2  alice  line 2  album = summer  n1:2',
        '  3  bob    line 3  album → summer  n1:2',
        '  4  bob    line 4  photo → (none)',
        '  1 comes before 2 in its session',
        '  3 returned what 2 wrote',
        '  3 comes before 4 in its session',
        '  4 should have returned what 1 wrote, or something later',
        '',
        '    alice                    bob',
      ].join('\n'),
    );
    expect(text.split('● photo = beach')).toHaveLength(2);
  });

  it('says once what violates several levels by several names', () => {
    const tcc = violated('TCC', photo, 'FracturedRead');
    const renamed = {
      ...tcc,
      ...(tcc.anomaly && { anomaly: { ...tcc.anomaly, explanation: 'WriteCORead explained' } }),
    };
    const text = reportText(reportOf('violation', violated('CC'), renamed), 'h', plainPaint);
    expect(text).toContain('\n\nWriteCORead (CC), FracturedRead (TCC)\nWriteCORead explained\n\n  1  alice');
  });

  it('never lets a name act on the terminal', () => {
    const witness = witnessOf('\u001b[31m w x 1');
    const doubt = { level: 'TCC', verdict: 'unknown', isClaimed: true, reason: '\u001b[2J' } as const;
    const text = reportText(reportOf('violation', violated('CC', witness), doubt), '\u001b[2J', plainPaint);
    expect(text).not.toContain('\u001b');
  });

  it('is bounded, whatever the lengths of names and values', () => {
    const long = 'v'.repeat(100_000);
    const witness = witnessOf(`${long} w ${long} ${long}@${long}`);
    const { anomaly, ...level } = violated('CC', witness, 'WriteCORead');
    const doubt = { level: 'TCC', verdict: 'unknown', isClaimed: true, reason: long } as const;
    const proof = anomaly && { anomaly: { ...anomaly, explanation: long } };
    const report = reportOf('violation', { ...level, ...proof }, doubt);
    const lines = reportText(report, 'h', plainPaint).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200);
    expect(lines.length).toBeLessThan(60);
    const [violation] = violationsOf(report);
    expect(violation && witnessSvg(violation).length).toBeLessThan(10_000);
  });

  it('gives a reason once where it is that of one level after the other', () => {
    const unknown = (level: Level): LevelVerdict => ({
      level,
      verdict: 'unknown',
      isClaimed: true,
      reason: 'nobody knows',
    });
    const text = reportText(reportOf('unknown', unknown('CC'), unknown('CCv')), 'h', plainPaint);
    expect(text).toMatch(/^CC +unknown +nobody knows\nCCv +unknown +as above$/m);
  });

  it('counts one operation as one', () => {
    const report = { ...reportOf('consistent'), coverage: withCoverage({ operations: 1, sessions: 1 }) };
    expect(reportText(report, 'h', plainPaint)).toContain('consistent  h: 1 operation of 1 session\n');
  });

  it('puts what the same operations prove together, and what is claimed first', () => {
    const other = witnessOf('a w x 1\nb r x 2');
    const notClaimed = { ...violated('CM', other, 'CyclicHB'), isClaimed: false };
    const violations = violationsOf(reportOf('violation', notClaimed, violated('CC'), violated('CCv')));
    expect(violations.map(({ isClaimed, proofs }) => [isClaimed, ...proofs.map(proofTitle)])).toEqual([
      [true, 'WriteCORead (CC, CCv)'],
      [false, 'CyclicHB (CM)'],
    ]);
  });
});

describe('coverage in words', () => {
  it('says what else there was', () => {
    const all = {
      indefinite: 4,
      indefiniteSeen: 1,
      readsUnattributed: 1,
      readsOfSiblings: 17,
      finalReads: 120,
      replicas: 3,
    };
    expect(coverageText(withCoverage(all)).slice(2)).toEqual([
      '4 operations may or may not have happened; reads show that 1 did',
      '1 read may have returned one of several writes or deletes, which proves little: write every value once, or record wid, of deletes too',
      '17 reads returned siblings',
      '120 final reads at 3 replicas',
    ]);
  });

  it.each([
    [{ readsAtRisk: 0, readsAtRiskOfOthers: 0 }, 'This history proves next to nothing: no read had'],
    [
      { readsAtRisk: 9, readsAtRiskOfOthers: 9 },
      'This history proves little: only 9 of 260 reads could have missed anything.',
    ],
    [{ reads: 4, readsAtRisk: 4 }, 'This history proves little, for it has only 4 reads.'],
    [{ reads: 100_000, readsAtRisk: 999 }, 'This history proves little: only 999 of 100000 reads'],
    [{ readsAtRiskOfOthers: 3 }, 'This history tests sessions rather than causal order: only 3 of 260 reads'],
  ])('is honest about a history that proves little: %j', (changes, warning) => {
    expect(coverageWarning(withCoverage(changes))).toContain(warning);
    const report = { ...reportOf('consistent', consistent('CC')), coverage: withCoverage(changes) };
    expect(reportText(report, 'h', plainPaint).replaceAll('\n', ' ')).toContain(warning);
    const violation = { ...reportOf('violation', violated('CC')), coverage: withCoverage(changes) };
    expect(reportText(violation, 'h', plainPaint)).not.toContain('This history');
  });

  it('says nothing where the history is a fair test', () => {
    expect(coverageWarning(coverage)).toBeUndefined();
  });
});
