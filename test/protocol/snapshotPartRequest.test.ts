import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/protocol/json.js';
import { parseSnapshotPartRequest, snapshotPartRequestText } from '../../src/protocol/snapshotPartRequest.js';
import { position, replicaId } from './arbitraries.js';

const request = fc
  .record({
    from: replicaId,
    snapshot: fc.constantFrom(null, 'cut-1', 'a.B_9'),
    position: fc.option(position),
  })
  .map((made) => (made.snapshot === null ? { ...made, position: null } : made));

describe('a request for a part of a snapshot', () => {
  it('is decoded to what was encoded', () => {
    fc.assert(
      fc.property(request, (original) => {
        expect(parseSnapshotPartRequest(parseJson(snapshotPartRequestText(original)))).toEqual(original);
      }),
    );
  });

  const fine = { from: 'node1', snapshot: 'cut-1', position: 'ka' };
  it.each([
    ['no object', []],
    ['a field too many', { ...fine, more: 1 }],
    ['no replica id', { ...fine, from: 'Node 1' }],
    ['no snapshot', { from: 'node1', position: null }],
    ['a name of the snapshot that is too long', { ...fine, snapshot: 'a'.repeat(65) }],
    ['a name of the snapshot that could be a path', { ...fine, snapshot: '../a' }],
    ['no position', { from: 'node1', snapshot: 'cut-1' }],
    ['a position that no snapshot gives', { ...fine, position: 'a' }],
    ['a position in no snapshot', { ...fine, snapshot: null }],
  ])('is refused with %s', (_, input) => {
    expect(() => parseSnapshotPartRequest(input)).toThrow(
      expect.objectContaining({ code: 'KVC_E_BAD_REQUEST' }),
    );
  });

  it('is refused with a position behind a key that none can be', () => {
    for (const wrong of ['k', 'k\ud800', `k${'a'.repeat(1025)}`]) {
      expect(() => parseSnapshotPartRequest({ ...fine, position: wrong })).toThrow(
        expect.objectContaining({ code: 'KVC_E_KEY_INVALID' }),
      );
    }
  });
});
