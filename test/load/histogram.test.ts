import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/load/histogram.js';

function of(samples: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const sample of samples) histogram.record(sample);
  return histogram;
}

describe('the histogram of latencies', () => {
  it('tells any percentile by nearest rank, at most 0.8 % and a tick too high', () => {
    const durations = fc.array(
      fc.integer({ min: 0, max: 200_000_000 }).map((us) => us / 1000),
      { minLength: 1, maxLength: 50, size: 'max' },
    );
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 100 }), (samples, percent) => {
        const sorted = [...samples].sort((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? NaN;
        const told = of(samples).percentile(percent);
        expect(told).toBeGreaterThanOrEqual(exact - 0.0001);
        expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 128) + 0.0001);
      }),
    );
  });

  it('keeps the greatest as it is, also beyond what it can tell apart', () => {
    const histogram = of([1, 2, 400_000.5]);
    expect(histogram.percentile(100)).toBe(400_000.5);
    expect(histogram.count).toBe(3);
  });

  it('has no percentile of nothing', () => {
    expect(new Histogram().percentile(50)).toBeNaN();
  });
});
