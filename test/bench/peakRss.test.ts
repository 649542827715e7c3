import { describe, expect, it } from 'vitest';
import { peakRssBytesOf } from '../../bench/processes/peakRss.js';

describe('the peak of resident memory', () => {
  it.runIf(process.platform === 'linux')('is what the kernel counts for the process itself, in bytes', () => {
    const peak = peakRssBytesOf(process.pid) ?? 0;
    const counted = process.resourceUsage().maxRSS * 1024;
    // The kernel counts in batches, so one may lag behind the other a little.
    expect(peak / counted).toBeGreaterThan(0.9);
    expect(peak / counted).toBeLessThan(1.1);
  });

  it('is not known of no process', () => {
    expect(peakRssBytesOf(undefined)).toBeUndefined();
  });
});
