import { describe, expect, it } from 'vitest';
import { Narrator } from '../../src/demo/narrator.js';
import type { DemoEvent, DemoReport } from '../../src/demo/report.js';
import { scenarios } from '../../src/demo/scenarios.js';
import { plainPaint } from '../../src/view/style.js';

function narrate(events: readonly DemoEvent[], screen: { isTTY?: boolean; columns?: number } = {}): string {
  let text = '';
  const narrator = new Narrator({ write: (part) => (text += part), ...screen }, plainPaint);
  for (const event of events) narrator.tell(event);
  narrator.end();
  return text;
}

const step: DemoEvent = { kind: 'step', number: 1, command: 'kvc write --node 1 a 1' };
const clocks: DemoEvent = { kind: 'clocks', clocks: { node1: { node1: 1 }, node2: {}, node3: null } };
const report: DemoReport = {
  scenario: 'dependent-write',
  delivery: 'causal',
  steps: [],
  timeline: [],
  checks: [{ claim: 'all is well', holds: true, observed: '7 reads' }],
  verdict: 'consistent',
};

describe('Narrator', () => {
  it('tells a step: its command, its effect, the clocks, and what to think of it', () => {
    const effect: DemoEvent = { kind: 'effect', text: 'a = 1   dot node1:1', tone: 'good' };
    const remark: DemoEvent = { kind: 'remark', text: 'So far so good.' };
    expect(narrate([step, effect, clocks, remark])).toBe(
      [
        '',
        ' 1  $ kvc write --node 1 a 1',
        '    a = 1   dot node1:1',
        '    clocks  node1 {node1:1}   node2 {}   node3 down',
        '    # So far so good.',
        '',
      ].join('\n'),
    );
  });

  it('shows the clocks only where they have changed', () => {
    const empty: DemoEvent = { kind: 'clocks', clocks: { node1: {}, node2: {} } };
    expect(narrate([empty, empty])).toBe('');
    expect(narrate([clocks, clocks]).match(/clocks/g)).toHaveLength(1);
  });

  it('keeps within the width of the screen', () => {
    const remark: DemoEvent = { kind: 'remark', text: 'word '.repeat(60).trim() };
    const pending: DemoEvent = { kind: 'effect', text: 'pending '.repeat(30).trim(), tone: 'wait' };
    for (const columns of [60, 80, 200]) {
      const lines = narrate([step, remark, pending], { columns }).split('\n');
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(Math.min(columns, 96));
    }
  });

  it('shows what it waits for on a terminal only, and wipes it out', () => {
    const progress: DemoEvent = { kind: 'progress', text: 'waiting for a: 1.2s' };
    expect(narrate([progress])).toBe('');
    expect(narrate([progress, step], { isTTY: true })).toContain(
      '\r\u001b[K    waiting for a: 1.2s\r\u001b[K\n',
    );
  });

  it('ends with the checks, the verdict and where to go on', () => {
    const close = (change: Partial<DemoReport>): string => {
      let text = '';
      new Narrator({ write: (part) => (text += part) }, plainPaint).close({ ...report, ...change });
      return text;
    };
    expect(close({})).toContain(
      '✔ all is well (7 reads)\n\nConsistent.\nNext: kvc demo dependent-write --delivery fifo',
    );
    const checks = [{ claim: 'all is well', holds: false, observed: 'it was not' }];
    expect(close({ checks, verdict: 'anomaly', delivery: 'fifo' })).toMatch(
      /✘ all is well \(it was not\)\n\nAn anomaly, as was to be shown[^]*Next: kvc demo dependent-write\n/,
    );
    expect(close({ checks, verdict: 'anomaly' })).toContain('this is a defect in kvc');
    expect(close({ scenario: 'conflict', delivery: 'fifo' })).toContain('does not rest on causal delivery');
  });

  it('can name, title and tell every scenario within 80 columns', () => {
    for (const scenario of Object.values(scenarios)) {
      let text = '';
      new Narrator({ write: (part) => (text += part) }, plainPaint).open(scenario);
      expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    }
  });
});
