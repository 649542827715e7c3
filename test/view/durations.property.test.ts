import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/notation/parseDuration.js';
import { formatDuration } from '../../src/view/formatDuration.js';
import { formatElapsed } from '../../src/view/formatElapsed.js';

const weekMs = 7 * 24 * 3_600_000;

describe('durations', () => {
  it('are shown in a form that parses back to the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: weekMs }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it('that have elapsed are shown to within 5 % and a millisecond', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: weekMs - 1000, noNaN: true }), (ms) => {
        expect(Math.abs(parseDuration(formatElapsed(ms)) - ms)).toBeLessThanOrEqual(1 + ms * 0.051);
      }),
    );
  });

  it.each([
    [0, '0ms'],
    [80.4, '80ms'],
    [999.7, '1s'],
    [3149, '3.1s'],
    [59_960, '1m'],
    [125_400, '2m5s'],
    [-5, '0ms'],
  ])('%d ms elapsed is %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });
});
