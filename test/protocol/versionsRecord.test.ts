import { describe, expect, it } from 'vitest';
import { Packr } from 'msgpackr';
import type { RegisterVersion, Version, Versions } from '../../src/core/versions.js';
import { decodeVersions, encodeVersions } from '../../src/protocol/versionsRecord.js';
import { dot } from '../support/builders.js';

const packr = new Packr({ useRecords: false });
const plain: RegisterVersion = { dot: dot('node1:7'), timestamp: 5, value: Uint8Array.from([1]) };
const request = '1700000000000-x.0123456789abcdef';

describe('a record of versions', () => {
  it('gives the versions back, with request ids and aliases where they have some', () => {
    const versions: Version[] = [
      { ...plain, request, aliases: [dot('node2:1'), dot('node3:2')] },
      { ...plain, dot: dot('node2.k3x9f:300'), request },
      { ...plain, dot: dot('node3:1'), value: null },
    ];
    expect(decodeVersions(encodeVersions(versions))).toEqual(versions);
  });

  it('gives back what a counter, a set, a removal and a value that expires or has expired left', () => {
    const others: Versions = [
      { dot: dot('node1:9'), timestamp: 9, kind: 'counter', total: -5 },
      { dot: dot('node1:8'), timestamp: 8, kind: 'member', member: plain.value ?? new Uint8Array(), request },
      { dot: dot('node1:7'), timestamp: 7, kind: 'trace' },
      { ...plain, expiresMs: 1_700_000_000_000 },
      { ...plain, value: null, expiresMs: 5, expiredBy: [dot('node2:3'), dot('node3:1')] },
    ];
    expect(decodeVersions(encodeVersions(others))).toEqual(others);
  });

  it('is read as well in the format of before there were any of these', () => {
    expect(decodeVersions(Buffer.from('9602a56e6f6465310705c40101c0', 'hex'))).toEqual([plain]);
  });

  it('keeps to its bytes, and costs one more for a version without a request id than before there were any', () => {
    expect(Buffer.from(encodeVersions([plain])).toString('hex')).toBe('9603a56e6f6465310705c40101c0');
  });

  it('shares no memory with the bytes it was read from', () => {
    const bytes = encodeVersions([plain]);
    const decoded = decodeVersions(bytes);
    bytes.fill(0);
    expect(decoded).toEqual([plain]);
  });

  it('is refused when its format is another one, which is told apart from damage', () => {
    for (const format of [1, 4]) {
      expect(() => decodeVersions(packr.pack([format, 'node1', 7, 5, null]))).toThrow(
        expect.objectContaining({ code: 'KVC_E_FORMAT_UNKNOWN' }),
      );
    }
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('text'),
      packr.pack([2]),
      packr.pack([2, 'node1', 7]),
    ]) {
      expect(() => decodeVersions(bytes)).toThrow(expect.objectContaining({ code: 'KVC_E_STORE_CORRUPT' }));
    }
  });
});
