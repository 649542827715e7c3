import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { MessagePackWriter } from '../../src/protocol/messagePackWriter.js';

const packr = new Packr({ useRecords: false, mapsAsObjects: false });

const boundaries = [0x20, 0x80, 0x100, 0x8000, 0x1_0000, 0x8000_0000, 0x1_0000_0000, Number.MAX_SAFE_INTEGER];
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .tuple(fc.constantFrom(...boundaries), fc.constantFrom(-1, 1), fc.constantFrom(-1, 0, 1))
    .map(([size, sign, step]) => sign * size + step)
    .filter(Number.isSafeInteger),
);
const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '🙂', '\0'), maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 });
const { field } = fc.letrec<{ field: unknown }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    integer,
    text,
    bytes,
    fc.array(tie('field'), { maxLength: 20 }),
  ),
}));

function written(value: unknown): Buffer {
  const writer = new MessagePackWriter();
  writer.field(value);
  return writer.take();
}

describe('a writer of MessagePack', () => {
  it('writes byte for byte what a library does, so that old records and new ones compare', () => {
    fc.assert(
      fc.property(field, (value) => {
        expect(written(value).toString('hex')).toBe(packr.pack(value).toString('hex'));
      }),
      { numRuns: 3000 },
    );
  });

  it('does so for what is long', () => {
    for (const length of [31, 32, 255, 256, 65_535, 65_536, 200_000]) {
      for (const value of ['x'.repeat(length), new Uint8Array(length), new Array<null>(length).fill(null)]) {
        expect(written(value).equals(packr.pack(value)), `${length}`).toBe(true);
      }
    }
  });

  it('leaves alone what it has given', () => {
    const writer = new MessagePackWriter();
    const given: { record: Buffer; copy: Buffer }[] = [];
    for (let count = 0; count < 3000; count += 1) {
      writer.field([count, 'x'.repeat(count % 100)]);
      const record = writer.take();
      given.push({ record, copy: Buffer.from(record) });
    }
    for (const { record, copy } of given) expect(record.equals(copy)).toBe(true);
  });

  it('refuses what no record is made of', () => {
    expect(() => written({})).toThrow(TypeError);
    expect(() => written(undefined)).toThrow(TypeError);
  });
});
