import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Operation, Update } from '../../src/core/update.js';
import { limits } from '../../src/protocol/limits.js';
import { decodeUpdateRecord, encodeUpdateRecord } from '../../src/protocol/updateRecord.js';
import { KvcError } from '../../src/errors.js';
import fc from 'fast-check';
import { id } from '../support/builders.js';

const node1 = 'node1' as ReplicaId;
const packr = new Packr({ useRecords: false });
const timestamp = 3_481_600_000_000_000;

function update(fields: Partial<Update> = {}): Update {
  return {
    dot: { replica: node1, counter: 7 },
    dependencies: new Map(),
    timestamp,
    operations: [{ kind: 'put', key: 'a', value: Uint8Array.from([1]) }],
    ...fields,
  };
}

function dependencies(...entries: [string, number][]): Update['dependencies'] {
  return new Map(entries) as unknown as Update['dependencies'];
}

const replica = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const counter = fc.maxSafeNat().map((number) => Math.max(1, number));
const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 200 })
  .filter((text) => Buffer.byteLength(text) <= limits.keyBytesMax);
const bytes = fc.uint8Array({ maxLength: 300 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: bytes }),
  fc.record({ kind: fc.constant('put' as const), key, value: bytes, expiresMs: counter }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('increment' as const), key, amount: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const), key, member: bytes }),
  fc.record({
    kind: fc.constant('expire' as const),
    key,
    dot: fc.record({ replica: replica.map(id), counter }),
  }),
);
const anyUpdate = fc
  .record({
    counter,
    timestamp: counter,
    dependencies: fc.uniqueArray(fc.tuple(replica, counter), { maxLength: 20, selector: ([id]) => id }),
    operations: fc.array(operation, { minLength: 1, maxLength: 10 }),
  })
  .map((drawn) =>
    update({
      dot: { replica: node1, counter: drawn.counter },
      timestamp: drawn.timestamp,
      dependencies: dependencies(...drawn.dependencies.filter(([id]) => id !== node1)),
      operations: drawn.operations,
    }),
  );

describe('an update record', () => {
  it('gives the update back', () => {
    fc.assert(
      fc.property(anyUpdate, (original) => {
        expect(decodeUpdateRecord(encodeUpdateRecord(original))).toEqual(original);
      }),
    );
  });

  it('is the same for the same content, in whatever order the dependencies were collected', () => {
    const left = update({ dependencies: dependencies(['node2', 1], ['node10', 2], ['node3', 3]) });
    const right = update({ dependencies: dependencies(['node3', 3], ['node2', 1], ['node10', 2]) });
    expect(encodeUpdateRecord(left)).toEqual(encodeUpdateRecord(right));
  });

  it('is the same for a value whether it is held as a Buffer or as plain bytes', () => {
    const plain = update();
    const buffered = update({ operations: [{ kind: 'put', key: 'a', value: Buffer.from([1]) }] });
    expect(encodeUpdateRecord(plain)).toEqual(encodeUpdateRecord(buffered));
  });

  it('keeps to its bytes, so that logs written today can be read tomorrow', () => {
    const written = update({ dependencies: dependencies(['node2', 300]), timestamp: 5 });
    expect(Buffer.from(encodeUpdateRecord(written)).toString('hex')).toBe(
      '9803a56e6f646531070592a56e6f646532cd012c92a161c40101c090',
    );
  });

  it('shares no memory with the bytes it was read from', () => {
    const bytes = encodeUpdateRecord(update());
    const decoded = decodeUpdateRecord(bytes);
    bytes.fill(0);
    expect(decoded).toEqual(update());
  });

  it('is refused when any part is missing', () => {
    const bytes = encodeUpdateRecord(update({ dependencies: dependencies(['node2', 300]) }));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeUpdateRecord(bytes.subarray(0, length)), `${length} bytes`).toThrow(KvcError);
    }
    expect(() => decodeUpdateRecord(Buffer.concat([bytes, bytes]))).toThrow(KvcError);
  });

  it('never decodes random or damaged bytes to anything but an update or a KvcError', () => {
    const decode = (bytes: Uint8Array): void => {
      try {
        decodeUpdateRecord(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(KvcError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), decode), { numRuns: 2000 });
    const flip = fc.record({
      original: anyUpdate,
      position: fc.nat(),
      bits: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(flip, ({ original, position, bits }) => {
        const bytes = Uint8Array.from(encodeUpdateRecord(original));
        bytes[position % bytes.length]! ^= bits;
        decode(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read as well in the format of before there were counters, sets and expiry', () => {
    const before = Buffer.from('9802a56e6f646531070592a56e6f646532cd012c92a161c40101c090', 'hex');
    expect(decodeUpdateRecord(before).operations).toEqual([
      { kind: 'put', key: 'a', value: new Uint8Array([1]) },
    ]);
  });

  it('is refused when its format is unknown, which is told apart from damage', () => {
    const newer = packr.pack([4, 'whatever']);
    expect(() => decodeUpdateRecord(newer)).toThrow(
      expect.objectContaining({ code: 'KVC_E_FORMAT_UNKNOWN' }),
    );
  });

  const fine: unknown[] = [2, 'node1', 7, timestamp, ['node2', 3], ['a', Buffer.from('1')], null, []];
  const bad: [string, number, unknown][] = [
    ['a replica id that is no text', 1, 7],
    ['an empty replica id', 1, ''],
    ['a replica id with a separator', 1, 'node:1'],
    ['a counter of 0', 2, 0],
    ['a fractional counter', 2, 1.5],
    ['a counter beyond the safe integers', 2, 2 ** 53],
    ['a timestamp that is text', 3, '1'],
    ['dependencies that are no list', 4, { node2: 3 }],
    ['an odd list of dependencies', 4, ['node2']],
    ['dependencies out of order', 4, ['node3', 1, 'node2', 1]],
    ['a dependency twice', 4, ['node2', 1, 'node2', 2]],
    ['a dependency on its own replica', 4, ['node1', 1]],
    ['a dependency on counter 0', 4, ['node2', 0]],
    ['too many dependencies', 4, Array.from({ length: 2 * limits.vectorEntriesMax + 2 }, () => 'a')],
    ['no operations', 5, []],
    ['an odd list of operations', 5, ['a']],
    ['too many operations', 5, Array.from({ length: 2 * limits.batchOperationsMax + 2 }, () => 'a')],
    ['an empty key', 5, ['', null]],
    ['a key that is too long', 5, ['é'.repeat(513), null]],
    ['a value that is text', 5, ['a', 'text']],
    ['a value that is too large', 5, ['a', Buffer.alloc(limits.valueBytesMax + 1)]],
    ['a request id without its checksum', 6, '1700000000000-a'],
    ['a request id that is a number', 6, 7],
    ['changes of members that are no list', 7, 'join'],
    ['an incomplete change of members', 7, ['join', 'node4']],
    ['an unknown change of members', 7, ['leap', 'node4', '']],
    ['a joining without an address', 7, ['join', 'node4', null]],
    ['a number of updates below 0', 7, ['close', 'node4', -1]],
    ['too many changes of members', 7, Array.from({ length: 3 * limits.memberChangesMax + 3 }, () => 'a')],
  ];
  it('is fine without any of what is refused below', () => {
    expect(decodeUpdateRecord(packr.pack(fine)).dot.counter).toBe(7);
  });
  it.each(bad)('is refused for %s', (_, field, content) => {
    const record = packr.pack(fine.with(field, content));
    expect(() => decodeUpdateRecord(record)).toThrow(expect.objectContaining({ code: 'KVC_E_LOG_CORRUPT' }));
  });
});
