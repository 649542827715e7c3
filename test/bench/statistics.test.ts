import { describe, expect, it } from 'vitest';
import { percentile, summarise, summariseRatios } from '../../bench/measure/statistics.js';

describe('statistics of the benchmark', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it.each([
    [0, 1],
    [50, 50],
    [99, 99],
    [100, 100],
  ])('percentile %d of 1 to 100 is %d', (percent, expected) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  it('a single sample is every percentile', () => {
    expect([0, 50, 99, 100].map((percent) => percentile([7], percent))).toEqual([7, 7, 7, 7]);
  });

  it('summarises by median and extremes, whatever the order', () => {
    expect(summarise([30, 9, 100])).toEqual({ median: 30, low: 9, high: 100, count: 3 });
  });

  it('compares round by round, so that a slow round disturbs no ratio', () => {
    expect(summariseRatios([10, 1, 20], [20, 2, 40]).median).toBe(0.5);
  });
});
