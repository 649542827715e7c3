import { describe, expect, it } from 'vitest';
import type { Coverage, Report } from '../../src/check/report.js';
import { faultNames, parseFaultNames } from '../../src/torture/faultNames.js';
import { newTally } from '../../src/torture/nemesisTally.js';
import { judge, type Happened } from '../../src/torture/verdict.js';

const coverage: Coverage = {
  operations: 1000,
  sessions: 10,
  keys: 10,
  reads: 500,
  writes: 500,
  indefinite: 0,
  indefiniteSeen: 0,
  readsAtRisk: 400,
  readsAtRiskOfOthers: 300,
  readsUnattributed: 0,
  readsOfSiblings: 10,
  finalReads: 30,
  replicas: 3,
};
const consistent: Report = { verdict: 'consistent', levels: [], coverage };
const counts = {
  dropped: 1,
  duplicated: 1,
  reordered: 1,
  delayed: 0,
  held: 0,
  relayed: 0,
  duplicatesIgnored: 0,
  snapshots: 0,
};
const all: Happened = {
  faults: faultNames,
  nemesis: { ...newTally(), kills: 1, pauses: 1, partitions: 1, packets: 1, disksLost: 1, added: 1 },
  counts,
  largestSkewMs: 3_000_000,
};

describe('the verdict on a run', () => {
  it('is consistent if the history is and every fault that was asked for happened', () => {
    expect(judge(consistent, [], all)).toEqual({ verdict: 'consistent', reasons: [] });
  });

  it.each(faultNames)('is unknown if %s was asked for and did not happen', (fault) => {
    const nothing = {
      nemesis: newTally(),
      counts: { ...counts, duplicated: 0, dropped: 0 },
      largestSkewMs: 40,
    };
    const { verdict, reasons } = judge(consistent, [], { faults: [fault], ...nothing });
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain(`no ${fault} fault`);
  });

  it('is unknown if hardly a read could have missed anything', () => {
    const poor = { ...consistent, coverage: { ...coverage, readsAtRiskOfOthers: 3 } };
    expect(judge(poor, [], all)).toMatchObject({ verdict: 'unknown' });
  });

  it('is unknown, with the reason, if a claimed level is', () => {
    const undecided: Report = {
      verdict: 'unknown',
      levels: [{ level: 'CCv', verdict: 'unknown', isClaimed: true, reason: 'values repeat' }],
      coverage,
    };
    expect(judge(undecided, [], all)).toEqual({ verdict: 'unknown', reasons: ['CCv: values repeat'] });
  });

  it('is a violation if the history is one, or if something happened that must not, whatever else is unknown', () => {
    const nothing = { ...all, nemesis: newTally() };
    expect(judge({ ...consistent, verdict: 'violation' }, [], nothing).verdict).toBe('violation');
    const finding = { pattern: 'NotConverged', explanation: 'node1 lacks node2:7' } as const;
    expect(judge(consistent, [finding], nothing).verdict).toBe('violation');
  });
});

describe('names of faults', () => {
  it('are given as a list, all or none', () => {
    expect(parseFaultNames('disk,kill')).toEqual(['kill', 'disk']);
    expect(parseFaultNames('all')).toEqual(faultNames);
    expect(parseFaultNames('none')).toEqual([]);
  });

  it('are refused where they are unknown', () => {
    expect(() => parseFaultNames('kill,flood')).toThrow(/received "flood"/);
    expect(() => parseFaultNames('')).toThrow(/--faults takes/);
  });
});
