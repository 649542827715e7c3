import { describe, expect, it } from 'vitest';
import { peakRssBytesOf } from '../../bench/processes/peakRss.js';

describe('the peak of resident memory', () => {
  it.runIf(process.platform === 'linux')('is at least what is resident now, in bytes', () => {
    const peak = peakRssBytesOf(process.pid) ?? 0;
    // The kernel counts both in batches, so one may lag behind the other a little.
    expect(peak).toBeGreaterThan(process.memoryUsage.rss() * 0.9);
    expect(peak).toBeLessThan(process.memoryUsage.rss() * 100);
  });

  it('is not known of no process', () => {
    expect(peakRssBytesOf(undefined)).toBeUndefined();
  });
});
