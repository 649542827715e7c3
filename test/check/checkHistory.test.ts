import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../src/check/checkHistory.js';
import { parseHistory } from './parseHistory.js';

const figureB = 'a w z 1\na w x 1\na w y 1\nb w x 2\nb r z -\nb r y 1\nb r x 2';

describe('the verdict on a history', () => {
  it('is a violation if a level that is claimed is violated, whatever else is unknown', () => {
    const { verdict } = checkHistory(parseHistory('a w x 1\nb w x 1\nc r x 1\na w y 1\na r y -'));
    expect(verdict).toBe('violation');
  });

  it('is not decided by causal memory, which is reported only', () => {
    const { verdict, levels } = checkHistory(parseHistory(figureB));
    expect(verdict).toBe('consistent');
    expect(levels.find(({ level }) => level === 'CM')).toMatchObject({
      verdict: 'violation',
      isClaimed: false,
    });
  });

  it('is unknown if a claimed level is', () => {
    expect(checkHistory(parseHistory('a w x 1\nb w x 1\nc r x 1')).verdict).toBe('unknown');
  });

  it('is unknown, with the reason, for more accesses and sessions than fit into memory', () => {
    const text = Array.from({ length: 2 ** 14 + 1 }, (_, index) => `s${index} w x ${index}`).join('\n');
    const { verdict, levels, coverage } = checkHistory(parseHistory(text));
    expect(verdict).toBe('unknown');
    expect(levels[0]?.reason).toContain('16385 accesses of 16385 sessions are too many');
    expect(coverage).toMatchObject({ operations: 16385, writes: 16385 });
  });

  it('is consistent for no operations at all', () => {
    const { verdict, coverage } = checkHistory([]);
    expect(verdict).toBe('consistent');
    expect(coverage).toMatchObject({ operations: 0, sessions: 0, reads: 0, readsAtRisk: 0 });
  });
});

describe('coverage', () => {
  it('counts the reads that had something to miss', () => {
    const { coverage } = checkHistory(
      parseHistory(`
        a w x 1
        a r x 1
        b r x 1
        b r x 1
        c r y -
        c w y 1
        d r y 1, r x -`),
    );
    // The second read of x by a session, and a session's read of its own write; the first ones had nothing to miss.
    expect(coverage).toMatchObject({ reads: 6, writes: 2, readsAtRisk: 2, readsAtRiskOfOthers: 1 });
  });

  it('counts what is indefinite, unattributed and conflicting', () => {
    const { coverage } = checkHistory(
      parseHistory(`
        a info w x 1
        a info w x 2
        b w y 1
        b w y 1
        c r y 1
        c r x 1|2
        d d k
        d r k -
        e fail w q 1
        f final n1 r x 1|2
        g final n2 r x 2|1`),
    );
    expect(coverage).toMatchObject({
      operations: 11,
      sessions: 7,
      keys: 4,
      indefinite: 2,
      indefiniteSeen: 2,
      readsUnattributed: 2,
      readsOfSiblings: 3,
      finalReads: 2,
      replicas: 2,
    });
  });
});
