import { describe, expect, it } from 'vitest';
import { nothingHappened } from '../../src/simulate/happenings.js';
import type { SimulationReport } from '../../src/simulate/report.js';
import { simulationText } from '../../src/view/simulationText.js';
import { plainPaint } from '../../src/view/style.js';

const consistent: SimulationReport = {
  verdict: 'consistent',
  delivery: 'causal',
  first_seed: 5,
  runs: 2000,
  steps: 127_148,
  events: 3_000_000,
  happened: { ...nothingHappened(), crash: 1948, sibling: 61_003 },
  missing: [],
  stopped: false,
  failure: null,
};

function textOf(parts: Partial<SimulationReport>): string {
  return simulationText({ ...consistent, ...parts }, plainPaint);
}

describe('what is told of many simulated runs', () => {
  it('shows how often each thing happened, and what was played', () => {
    const text = textOf({});
    expect(text).toMatch(/^ {2}.*\bcrash +1,948\b/m);
    expect(text).toMatch(/^ {2}sibling +61,003\b/m);
    expect(text).toMatch(/\nconsistent: 2,000 runs \(seeds 5 to 2004\), 127,148 steps, delivery causal$/);
  });

  it('names what never happened where it had to', () => {
    expect(textOf({ verdict: 'unknown', missing: ['relay', 'disk lost'] })).toMatch(
      /\nunknown: [^]*never happened: relay, disk lost$/,
    );
  });

  it('says that it was stopped, and after how much', () => {
    expect(textOf({ verdict: 'unknown', stopped: true, runs: 3 })).toMatch(
      /\nunknown: nothing was wrong in 3 runs \(seeds 5 to 7\)[^]*stopped before\s+the end$/,
    );
    expect(textOf({ verdict: 'unknown', stopped: true, runs: 0 })).toMatch(
      /stopped before any run had ended$/,
    );
  });

  it('fits into a terminal of 80 columns', () => {
    const violation = `the replicas did not converge\n  node1 shows ${'node2:1 '.repeat(30)}`;
    const failure = {
      seed: 4_000_000_000,
      violations: [violation],
      steps: [{ position: 12, text: `at 120 ms  everything on ${'node1 → node2, '.repeat(20)}is cut` }],
      steps_total: 88,
      shrunk_violations: [violation],
      trace: ['130 node1 shows node2:1'],
      replay: 'kvc simulate --seed 5 --runs 1',
      replay_shrunk: 'kvc simulate --seed 5 --runs 1 --only 12',
    };
    const text = textOf({ verdict: 'violation', runs: 2000, first_seed: 4_000_000_000, failure });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/\nviolation: 2,000 runs \(seeds 4000000000 to 4000001999\)/);
  });

  it('shows of a failure the steps that are needed, and the commands that replay it', () => {
    const text = textOf({
      verdict: 'violation',
      runs: 1,
      failure: {
        seed: 5,
        violations: ['node1 shows node2:2 before node3:1'],
        steps: [{ position: 12, text: 'at 120 ms  node2 is written a=1' }],
        steps_total: 88,
        shrunk_violations: ['node1 shows node2:1 before node3:1'],
        trace: ['130 node1 shows node2:1'],
        replay: 'kvc simulate --seed 5 --runs 1',
        replay_shrunk: 'kvc simulate --seed 5 --runs 1 --only 12',
      },
    });
    expect(text).toContain('seed 5: node1 shows node2:2 before node3:1\n  kvc simulate --seed 5 --runs 1\n');
    expect(text).toContain('1 of its 88 steps are enough:\n  12  at 120 ms  node2 is written a=1\n');
    expect(text).toContain(
      'then node1 shows node2:1 before node3:1\n  kvc simulate --seed 5 --runs 1 --only 12\n',
    );
    expect(text).toMatch(/\nviolation: 1 run \(seed 5\)/);
  });
});
