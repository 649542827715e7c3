import { describe, expect, it } from 'vitest';
import { Packr } from 'msgpackr';
import type { Version } from '../../src/core/versions.js';
import { decodeVersions, encodeVersions } from '../../src/protocol/versionsRecord.js';
import { dot } from '../support/builders.js';

const packr = new Packr({ useRecords: false });
const plain: Version = { dot: dot('node1:7'), timestamp: 5, value: Uint8Array.from([1]) };
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

  it('keeps to its bytes, and costs one more for a version without a request id than before there were any', () => {
    expect(Buffer.from(encodeVersions([plain])).toString('hex')).toBe('9602a56e6f6465310705c40101c0');
  });

  it('shares no memory with the bytes it was read from', () => {
    const bytes = encodeVersions([plain]);
    const decoded = decodeVersions(bytes);
    bytes.fill(0);
    expect(decoded).toEqual([plain]);
  });

  it('is refused when its format is another one, which is told apart from damage', () => {
    for (const format of [1, 3]) {
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
