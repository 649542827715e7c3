import { describe, expect, it } from 'vitest';
import { reportChart } from '../../bench/measure/reportChart.js';
import type { Goal, Report } from '../../bench/measure/report.js';

const nothing: Report = { name: 'speed', title: 'of <all>', figures: [], goals: [], notes: [], faults: [] };

function goal(bound: Goal['bound'], target: number, median: number): Goal {
  return { label: bound, unit: 'ms', bound, target, median, low: median, high: median, count: 1 };
}

/** The lengths of the bars, in the order in which they stand. */
function lengthsOf(svg: string | undefined): number[] {
  const bars = svg?.matchAll(/<rect class="(?:ours|theirs)"[^>]* width="([\d.]+)"/g) ?? [];
  return [...bars].map(([, width]) => Number(width));
}

describe('the picture of a report', () => {
  it('has bars as long as their medians, on one scale, with their spread in it', () => {
    const svg = reportChart(
      {
        ...nothing,
        charts: [
          {
            title: 'rate',
            unit: 'req/s',
            bars: [
              { label: 'a & b', isOurs: true, median: 50, low: 25, high: 100, count: 3 },
              { label: 'c', isOurs: false, median: 25, low: 25, high: 25, count: 3 },
            ],
          },
        ],
      },
      'a note',
    );
    const [first = NaN, second = NaN] = lengthsOf(svg);
    expect(first).toBeCloseTo(2 * second);
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('of &lt;all&gt;');
    const [, from, to] = /class="spread" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"/.exec(svg ?? '') ?? [];
    expect(Number(to) - Number(from)).toBeCloseTo(1.5 * first);
  });

  it('has goals as multiples of their targets, longer where better', () => {
    const goals = [goal('at least', 2, 1), goal('at most', 2, 1)];
    const [half = NaN, twice = NaN] = lengthsOf(reportChart({ ...nothing, goals }, ''));
    expect(twice).toBeCloseTo(4 * half);
  });

  it('is none where there is nothing to draw', () => {
    expect(reportChart(nothing, '')).toBeUndefined();
  });
});
