import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsDot,
  covers,
  firstMissing,
  mergeVectors,
  missingDots,
  raise,
  withDot,
  type VersionVector,
  sameVector,
} from '../../../src/core/clock/versionVector.js';
import { id } from '../../support/builders.js';

const replica = fc.constantFrom(...['a', 'b', 'c', 'd'].map(id));
const counter = fc.integer({ min: 1, max: 4 });
const vectors = fc.array(fc.tuple(replica, counter)).map((entries): VersionVector => new Map(entries));
const dots = fc.record({ replica, counter });

/** Holds for all, on small vectors, where ties and overlaps are frequent. */
function forAll<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  law: (...values: T) => void,
): void {
  fc.assert(
    fc.property(...arbitraries, (...values: T) => law(...values)),
    { numRuns: 500 },
  );
}

describe('laws of version vectors', () => {
  it('covers is a partial order', () => {
    forAll([vectors, vectors, vectors], (x, y, z) => {
      expect(covers(x, x)).toBe(true);
      if (covers(x, y) && covers(y, x)) expect(x).toEqual(y);
      if (covers(x, y) && covers(y, z)) expect(covers(x, z)).toBe(true);
    });
  });

  it('two are the same exactly when each covers the other', () => {
    forAll([vectors, vectors], (x, y) => {
      expect(sameVector(x, y)).toBe(covers(x, y) && covers(y, x));
    });
  });

  it('merge is the least upper bound', () => {
    forAll([vectors, vectors, vectors], (x, y, bound) => {
      const merged = mergeVectors(x, y);
      expect(covers(merged, x) && covers(merged, y)).toBe(true);
      if (covers(bound, x) && covers(bound, y)) expect(covers(bound, merged)).toBe(true);
    });
  });

  it('merge is commutative, associative and idempotent', () => {
    forAll([vectors, vectors, vectors], (x, y, z) => {
      expect(mergeVectors(x, y)).toEqual(mergeVectors(y, x));
      expect(mergeVectors(mergeVectors(x, y), z)).toEqual(mergeVectors(x, mergeVectors(y, z)));
      expect(mergeVectors(x, x)).toEqual(x);
    });
  });

  it('merge contains exactly the dots of its operands', () => {
    forAll([vectors, vectors, dots], (x, y, dot) => {
      expect(containsDot(mergeVectors(x, y), dot)).toBe(containsDot(x, dot) || containsDot(y, dot));
    });
  });

  it('withDot is the least vector above that contains the dot', () => {
    forAll([vectors, dots, vectors], (x, dot, bound) => {
      const extended = withDot(x, dot);
      expect(containsDot(extended, dot) && covers(extended, x)).toBe(true);
      if (covers(bound, x) && containsDot(bound, dot)) expect(covers(bound, extended)).toBe(true);
    });
  });

  it('what is missing is what must be added to cover', () => {
    forAll([vectors, vectors], (x, required) => {
      const missing = missingDots(x, required);
      expect(missing.length === 0).toBe(covers(x, required));
      expect(firstMissing(x, required)).toEqual(missing[0]);
      expect(missing.reduce<VersionVector>(withDot, x)).toEqual(mergeVectors(x, required));
    });
  });

  it('raise does in place what merge does, and says whether anything changed', () => {
    forAll([vectors, vectors], (x, y) => {
      const target = new Map(x);
      expect(raise(target, y)).toBe(!covers(x, y));
      expect(target).toEqual(mergeVectors(x, y));
    });
  });
});
