import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeVectors } from '../../src/core/clock/versionVector.js';
import { decodeToken, encodeToken, mergeTokens } from '../../src/protocol/sessionToken.js';
import { vector } from './arbitraries.js';

const clusterId = '0f3a-77';
const token = vector.map((context) => encodeToken(clusterId, context));

describe('session tokens', () => {
  it('carry their context unchanged', () => {
    fc.assert(
      fc.property(vector, (context) => {
        expect(decodeToken(encodeToken(clusterId, context))).toEqual({ clusterId, context });
      }),
    );
  });

  it('are equal when their contexts are, whatever the order in which those grew', () => {
    fc.assert(
      fc.property(vector, (context) => {
        const reversed = new Map([...context].reverse());
        expect(encodeToken(clusterId, reversed)).toBe(encodeToken(clusterId, context));
      }),
    );
  });

  it('merge to what both have seen: commutative, associative, idempotent', () => {
    fc.assert(
      fc.property(token, token, token, (a, b, c) => {
        expect(mergeTokens(a, b)).toBe(mergeTokens(b, a));
        expect(mergeTokens(mergeTokens(a, b), c)).toBe(mergeTokens(a, mergeTokens(b, c)));
        expect(mergeTokens(a, a)).toBe(a);
        expect(decodeToken(mergeTokens(a, b)).context).toEqual(
          mergeVectors(decodeToken(a).context, decodeToken(b).context),
        );
      }),
    );
  });
});
