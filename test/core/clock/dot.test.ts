import { expect, it } from 'vitest';
import { formatDot, sameDot } from '../../../src/core/clock/dot.js';
import { dot } from '../../support/builders.js';

it('shows a dot as replica and counter', () => {
  expect(formatDot(dot('node1:7'))).toBe('node1:7');
});

it('compares dots by content', () => {
  expect(sameDot(dot('a:1'), dot('a:1'))).toBe(true);
  expect(sameDot(dot('a:1'), dot('a:2'))).toBe(false);
  expect(sameDot(dot('a:1'), dot('b:1'))).toBe(false);
});
