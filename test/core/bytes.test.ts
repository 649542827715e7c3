import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keptCopy } from '../../src/core/bytes.js';

it('keeps copies of bytes apart from what they were made of, and from each other', () => {
  const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(600)), { maxLength: 60 });
  fc.assert(
    fc.property(lengths, (all) => {
      const received = new Uint8Array(1000);
      const copies = all.map((length, index) => {
        received.fill(index + 1);
        return keptCopy(received.subarray(0, length));
      });
      received.fill(0);
      for (const [index, copy] of copies.entries()) {
        expect([copy.length, copy.every((byte) => byte === index + 1)]).toEqual([all[index], true]);
        copy.fill(255);
      }
      for (const copy of copies) expect(copy.every((byte) => byte === 255)).toBe(true);
    }),
  );
});
