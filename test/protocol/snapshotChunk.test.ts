import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import type { Member } from '../../src/core/member.js';
import type { Version } from '../../src/core/versions.js';
import { KvcError } from '../../src/errors.js';
import { limits } from '../../src/protocol/limits.js';
import {
  decodeSnapshotChunk,
  encodeSnapshotChunk,
  type SnapshotChunk,
} from '../../src/protocol/snapshotChunk.js';
import { bytes, dot, dots, key, members, position, replicaId, requestId, vector } from './arbitraries.js';

const packr = new Packr({ useRecords: false });
const request = '1700000000000-x.0123456789abcdef';

const noFacts: unknown[] = [null, null, null, null];

const plainVersion: Version = {
  dot: { replica: 'node1' as Member['replica'], counter: 7 },
  timestamp: 9,
  value: Uint8Array.from([49]),
};

const member: Member = {
  replica: plainVersion.dot.replica,
  address: '127.0.0.1:7101',
  leftBy: plainVersion.dot,
  final: 7,
  closedBy: null,
};

const empty: SnapshotChunk = {
  from: 'node2' as ReplicaId,
  snapshot: 'cut-1',
  checkpoint: { clock: new Map(), timestamp: 0, liveKeys: 0, conflictedKeys: 0, members: [] },
  requests: [],
  keys: [],
  next: null,
  entries: 0,
};

const version: fc.Arbitrary<Version> = fc
  .record({
    dot,
    timestamp: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    value: fc.option(bytes),
    request: fc.option(requestId, { nil: undefined }),
    aliases: fc.option(dots, { nil: undefined }),
  })
  .map(({ request: id, aliases, ...plain }) => {
    if (id === undefined) return plain;
    return aliases === undefined ? { ...plain, request: id } : { ...plain, request: id, aliases };
  });

const chunk: fc.Arbitrary<SnapshotChunk> = fc.record({
  from: replicaId,
  snapshot: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  checkpoint: fc.record({
    clock: vector,
    timestamp: fc.maxSafeNat(),
    liveKeys: fc.maxSafeNat(),
    conflictedKeys: fc.maxSafeNat(),
    members,
  }),
  requests: fc.array(fc.record({ request: requestId, dots }), { maxLength: 4 }),
  keys: fc.array(fc.record({ key, versions: fc.array(version, { minLength: 1, maxLength: 3 }) }), {
    maxLength: 4,
  }),
  next: fc.option(position),
  entries: fc.maxSafeNat(),
});

describe('a part of a snapshot', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(chunk, (original) => {
        expect(decodeSnapshotChunk(encodeSnapshotChunk(original))).toEqual(original);
      }),
    );
  });

  it('shares no memory with the bytes it was read from', () => {
    const original = { ...empty, keys: [{ key: 'a', versions: [plainVersion] }] };
    const encoded = encodeSnapshotChunk(original);
    const decoded = decodeSnapshotChunk(encoded);
    encoded.fill(0);
    expect(decoded).toEqual(original);
  });

  it('keeps to its bytes, so that nodes of one version understand each other', () => {
    const original: SnapshotChunk = {
      ...empty,
      checkpoint: { ...empty.checkpoint, clock: new Map([[plainVersion.dot.replica, 7]]), members: [member] },
      requests: [{ request, dots: [plainVersion.dot] }],
      keys: [{ key: 'a', versions: [{ ...plainVersion, request, aliases: [plainVersion.dot] }] }],
      next: 'ka',
    };
    expect(encodeSnapshotChunk(original).toString('hex')).toBe(
      '9801a56375742d319592a56e6f646531070000009195a56e6f646531ae3132372e302e302e313a3731303192a56e6f6465310707c000a26b6192d920313730303030303030303030302d782e3031323334353637383961626364656692a56e6f6465310792a16195a56e6f6465310709c4013193d920313730303030303030303030302d782e30313233343536373839616263646566a56e6f64653107a56e6f646532',
    );
  });

  it('is refused when any part is missing', () => {
    const encoded = encodeSnapshotChunk({
      ...empty,
      requests: [{ request, dots: [plainVersion.dot] }],
      keys: [{ key: 'a', versions: [plainVersion] }],
    });
    for (let length = 0; length < encoded.length; length += 1) {
      expect(() => decodeSnapshotChunk(encoded.subarray(0, length)), `${length} bytes`).toThrow(KvcError);
    }
    expect(() => decodeSnapshotChunk(Buffer.concat([encoded, encoded]))).toThrow(KvcError);
  });

  it('never decodes random or damaged bytes to anything but a part or a KvcError', () => {
    const decode = (input: Uint8Array): void => {
      try {
        decodeSnapshotChunk(input);
      } catch (error) {
        expect(error).toBeInstanceOf(KvcError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), decode), { numRuns: 2000 });
    const flip = fc.record({ original: chunk, at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(flip, ({ original, at, bits }) => {
        const encoded = Uint8Array.from(encodeSnapshotChunk(original));
        encoded[at % encoded.length]! ^= bits;
        decode(encoded);
      }),
      { numRuns: 2000 },
    );
  });

  it('is told apart when its format is unknown', () => {
    expect(() => decodeSnapshotChunk(packr.pack([2, 'whatever']))).toThrow(
      expect.objectContaining({ code: 'KVC_E_FORMAT_UNKNOWN' }),
    );
  });

  const facts: unknown[] = [['node1', 7], 9, 1, 0, [['node1', null, null, null, null]]];
  const versions: unknown[] = ['node1', 7, 9, Buffer.from('1'), null];
  const fine: unknown[] = [1, 'cut-1', facts, 2, null, [request, ['node1', 7]], ['a', versions], 'node2'];
  const longList = Array.from({ length: 2 * limits.vectorEntriesMax + 2 }, () => 'a');
  const bad: [string, number, unknown][] = [
    ['a name of the snapshot that is no text', 1, 7],
    ['an empty name of the snapshot', 1, ''],
    ['a name of the snapshot with a space', 1, 'a b'],
    ['facts that are no list', 2, {}],
    ['facts without members', 2, facts.slice(0, 4)],
    ['a clock out of order', 2, facts.with(0, ['node2', 1, 'node1', 1])],
    ['a clock with a replica twice', 2, facts.with(0, ['node1', 1, 'node1', 2])],
    ['a clock with a counter of 0', 2, facts.with(0, ['node1', 0])],
    ['a clock with too many entries', 2, facts.with(0, longList)],
    ['a timestamp below 0', 2, facts.with(1, -1)],
    ['a fractional count of keys', 2, facts.with(2, 0.5)],
    ['a count of conflicts that is text', 2, facts.with(3, '1')],
    ['members that are no lists', 2, facts.with(4, ['node1'])],
    [
      'members out of order',
      2,
      facts.with(4, [
        ['b', ...noFacts],
        ['a', ...noFacts],
      ]),
    ],
    ['a member that left by two updates', 2, facts.with(4, [['a', null, ['a', 1, 'b', 1], 1, null]])],
    ['a member with an address that is no text', 2, facts.with(4, [['a', 7, null, null, null]])],
    ['a member with half an update', 2, facts.with(4, [['a', null, null, 1, ['a']]])],
    ['a member with a final count below 0', 2, facts.with(4, [['a', null, null, -1, null]])],
    ['entries below 0', 3, -1],
    ['a position that is no text', 4, 7],
    ['an empty position', 4, ''],
    ['a position in no table', 4, 'xa'],
    ['a position behind an empty key', 4, 'k'],
    ['a position behind no request id', 4, 'ra'],
    ['a position behind a key that is too long', 4, `k${'é'.repeat(513)}`],
    ['an odd list of requests', 5, [request]],
    ['a request id that is malformed', 5, ['x', ['node1', 7]]],
    ['a request without dots', 5, [request, []]],
    ['a request with half a dot', 5, [request, ['node1']]],
    ['a request with too many dots', 5, [request, longList]],
    ['too many requests', 5, Array.from({ length: 2 * limits.snapshotChunkEntriesMax + 2 }, () => 'a')],
    ['an odd list of keys', 6, ['a']],
    ['an empty key', 6, ['', versions]],
    ['a key that is too long', 6, ['é'.repeat(513), versions]],
    ['a key that is no text', 6, [7, versions]],
    ['a key without versions', 6, ['a', []]],
    ['an incomplete version', 6, ['a', versions.slice(0, 4)]],
    ['a version of a malformed replica id', 6, ['a', versions.with(0, 'Node 1')]],
    ['a version with a counter of 0', 6, ['a', versions.with(1, 0)]],
    ['a version with a timestamp of 0', 6, ['a', versions.with(2, 0)]],
    ['a value that is text', 6, ['a', versions.with(3, 'text')]],
    ['a value that is too large', 6, ['a', versions.with(3, Buffer.alloc(limits.valueBytesMax + 1))]],
    ['an origin that is no list', 6, ['a', versions.with(4, request)]],
    ['an origin without a request id', 6, ['a', versions.with(4, [])]],
    ['an alias without a counter', 6, ['a', versions.with(4, [request, 'node1'])]],
    ['a list that is none', 6, 'a'],
    ['a malformed replica whose state it is', 7, 'Node 2'],
  ];
  it('is fine without any of what is refused below', () => {
    expect(decodeSnapshotChunk(packr.pack(fine)).keys).toHaveLength(1);
  });
  it.each(bad)('is refused for %s', (_, field, content) => {
    const encoded = packr.pack(fine.with(field, content));
    expect(() => decodeSnapshotChunk(encoded)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^KVC_E_(BAD_REQUEST|KEY_INVALID)$/) as string }),
    );
  });
  it.each([7, 9])('is refused with %d fields', (length) => {
    const encoded = packr.pack([...fine, null].slice(0, length));
    expect(() => decodeSnapshotChunk(encoded)).toThrow(
      expect.objectContaining({ code: 'KVC_E_BAD_REQUEST' }),
    );
  });
});
