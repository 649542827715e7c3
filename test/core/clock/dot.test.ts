import { expect, it } from 'vitest';
import { compareDots, formatDot, sameDot, unionOfDots } from '../../../src/core/clock/dot.js';
import { dot } from '../../support/builders.js';

it('shows a dot as replica and counter', () => {
  expect(formatDot(dot('node1:7'))).toBe('node1:7');
});

it('compares dots by content', () => {
  expect(sameDot(dot('a:1'), dot('a:1'))).toBe(true);
  expect(sameDot(dot('a:1'), dot('a:2'))).toBe(false);
  expect(sameDot(dot('a:1'), dot('b:1'))).toBe(false);
});

it('orders dots by replica, then by counter', () => {
  const sorted = ['a:2', 'a:10', 'b:1'].map(dot);
  expect(sorted.toReversed().sort(compareDots)).toEqual(sorted);
  expect(compareDots(dot('a:1'), dot('a:1'))).toBe(0);
});

it('joins the dots of two sides, each once', () => {
  const left = [dot('a:1'), dot('b:2')];
  expect(unionOfDots(left, [dot('b:2'), dot('c:3')])).toEqual(['a:1', 'b:2', 'c:3'].map(dot));
  expect(unionOfDots(left, [dot('b:2')])).toBe(left);
});
