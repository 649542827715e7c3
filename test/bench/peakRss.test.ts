import { describe, expect, it } from 'vitest';
import { peakRssBytesOf } from '../../bench/processes/peakRss.js';

describe('the peak of resident memory', () => {
  it.runIf(process.platform === 'linux')('grows, in bytes, by what a process takes', () => {
    const size = 100 * 1024 * 1024;
    const before = process.memoryUsage.rss();
    const peakBefore = peakRssBytesOf(process.pid) ?? 0;
    const taken = Buffer.alloc(size, 1);
    const peak = peakRssBytesOf(process.pid) ?? 0;
    expect(taken).toHaveLength(size);
    // The kernel counts in batches, so one figure may lag behind the other a little.
    expect(peak).toBeGreaterThan(before + size * 0.9);
    expect(peak).toBeLessThan(peakBefore + size * 1.5);
  });

  it('is not known of no process', () => {
    expect(peakRssBytesOf(undefined)).toBeUndefined();
  });
});
