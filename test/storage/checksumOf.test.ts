import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checksumOf } from '../../src/storage/checksumOf.js';

it('is the CRC-32 of exactly the part, short or long, wherever it begins', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(bytes, fc.nat(600), fc.nat(600), (all, one, other) => {
      const [start = 0, end = 0] = [one % all.length, other % (all.length + 1)].sort((a, b) => a - b);
      expect(checksumOf(all, start, end)).toBe(crc32(all.subarray(start, end)));
      // Of all up to there, made in two steps.
      expect(checksumOf(all, start, end, checksumOf(all, 0, start))).toBe(crc32(all.subarray(0, end)));
    }),
    { numRuns: 2000 },
  );
});

it('has the check value of the standard', () => {
  expect(checksumOf(Buffer.from('123456789'), 0, 9)).toBe(0xcbf43926);
});
