import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfKey, keyOfBytes } from '../../../src/protocol/resp/keyBytes.js';

const mark = Buffer.from('\0hex:');

describe('the key of bytes', () => {
  it('is their text where they are text', () => {
    expect(keyOfBytes(Buffer.from('schlüssel'))).toBe('schlüssel');
  });

  it('gives the bytes back, and other bytes have another key', () => {
    const plain = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
    const marked = plain.map((bytes) => Buffer.concat([mark, bytes]));
    const hex = plain.map((bytes) => Buffer.concat([mark, Buffer.from(bytes.toString('hex'))]));
    const any = fc.oneof(plain, marked, hex);
    fc.assert(
      fc.property(any, any, (left, right) => {
        expect(bytesOfKey(keyOfBytes(left)).equals(left)).toBe(true);
        expect(keyOfBytes(left) === keyOfBytes(right)).toBe(left.equals(right));
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused where it is empty, or too long', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(1025, 'a'), Buffer.alloc(600, 0xff)]) {
      expect(() => keyOfBytes(bytes)).toThrow(expect.objectContaining({ code: 'KVC_E_KEY_INVALID' }));
    }
  });
});
