import { describe, expect, it } from 'vitest';
import { contentBytes, sameUpdate } from '../../src/core/update.js';
import { put, remove, update } from '../support/builders.js';

const original = update('a:1', { after: { b: 2 }, at: 5, do: [put('k', 'v'), remove('l')] });

describe('sameUpdate', () => {
  it('holds for equal content in other objects', () => {
    expect(
      sameUpdate(original, update('a:1', { after: { b: 2 }, at: 5, do: [put('k', 'v'), remove('l')] })),
    ).toBe(true);
  });

  it.each([
    ['timestamp', { at: 6 }],
    ['dependencies', { after: { b: 3 } }],
    ['a further dependency', { after: { b: 2, c: 1 } }],
    ['a value', { do: [put('k', 'w'), remove('l')] }],
    ['the length of a value', { do: [put('k', 'vv'), remove('l')] }],
    ['a key', { do: [put('j', 'v'), remove('l')] }],
    ['the kind of an operation', { do: [put('k', 'v'), put('l', '')] }],
    ['the number of operations', { do: [put('k', 'v')] }],
    ['an operation more', { do: [put('k', 'v'), remove('l'), remove('m')] }],
    ['the order of operations', { do: [remove('l'), put('k', 'v')] }],
  ])('does not hold when %s differs', (_, parts) => {
    const other = update('a:1', { after: { b: 2 }, at: 5, do: [put('k', 'v'), remove('l')], ...parts });
    expect(sameUpdate(original, other)).toBe(false);
    expect(sameUpdate(other, original)).toBe(false);
  });
});

it('counts the bytes of keys and values', () => {
  expect(contentBytes([put('key', 'value'), remove('gone')])).toBe(3 + 5 + 4);
});
