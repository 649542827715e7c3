import { describe, expect, it } from 'vitest';
import {
  containsDot,
  counterOf,
  covers,
  emptyVector,
  firstMissing,
  formatVector,
  mergeVectors,
  missingDots,
  raise,
  sameVector,
  sortedEntries,
  withDot,
} from '../../../src/core/clock/versionVector.js';
import { dot, id, vector } from '../../support/builders.js';

describe('version vector', () => {
  it('counts 0 for a replica without an entry', () => {
    expect(counterOf(vector({ a: 2 }), id('b'))).toBe(0);
  });

  it('contains every dot up to its counter', () => {
    const seen = vector({ a: 2 });
    expect(['a:1', 'a:2', 'a:3', 'b:1'].map((text) => containsDot(seen, dot(text)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    [{}, {}, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, {}, false],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [{ a: 2, b: 1 }, { a: 1, b: 1 }, false],
    [{ a: 2 }, { b: 2 }, false],
  ])('knows whether %j and %j have the same entries', (left, right, isSame) => {
    expect(sameVector(vector(left), vector(right))).toBe(isSame);
    expect(sameVector(vector(right), vector(left))).toBe(isSame);
  });

  it('names the first dot that it misses, and all of them', () => {
    const required = vector({ a: 1, b: 4, c: 2 });
    expect(firstMissing(vector({ a: 1, b: 3 }), required)).toEqual(dot('b:4'));
    expect(missingDots(vector({ a: 1, b: 3 }), required)).toEqual([dot('b:4'), dot('c:2')]);
    expect(firstMissing(required, required)).toBeUndefined();
    expect(covers(required, vector({ b: 4 }))).toBe(true);
  });

  it('merges by the greater counter and leaves both operands as they were', () => {
    const left = vector({ a: 1, b: 5 });
    const right = vector({ a: 3, c: 1 });
    expect(mergeVectors(left, right)).toEqual(vector({ a: 3, b: 5, c: 1 }));
    expect(mergeVectors(emptyVector, right)).toEqual(right);
    expect(left).toEqual(vector({ a: 1, b: 5 }));
    expect(right).toEqual(vector({ a: 3, c: 1 }));
  });

  it('takes in a dot without changing the vector given', () => {
    const before = vector({ a: 1 });
    expect(withDot(before, dot('a:3'))).toEqual(vector({ a: 3 }));
    expect(withDot(before, dot('a:1'))).toBe(before);
    expect(before).toEqual(vector({ a: 1 }));
  });

  it('says whether raising made it grow', () => {
    const target = new Map(vector({ a: 2 }));
    expect(raise(target, vector({ a: 1 }))).toBe(false);
    expect(raise(target, vector({ a: 1, b: 1 }))).toBe(true);
    expect(target).toEqual(vector({ a: 2, b: 1 }));
  });

  it('is written in one order, whatever the order it was built in', () => {
    expect(formatVector(vector({ node2: 1, node1: 3 }))).toBe('{node1:3 node2:1}');
    expect(sortedEntries(vector({ b: 1, a: 2 }))).toEqual(sortedEntries(vector({ a: 2, b: 1 })));
    expect(formatVector(emptyVector)).toBe('{}');
  });
});
