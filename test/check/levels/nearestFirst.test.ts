import { expect, it } from 'vitest';
import { nearestFirst } from '../../../src/check/levels/nearestFirst.js';

it('goes back from the access, then on from it, and leaves out none', () => {
  expect([...nearestFirst([1, 4, 6, 9], 5)]).toEqual([4, 1, 6, 9]);
  expect([...nearestFirst([1, 4], 9)]).toEqual([4, 1]);
  expect([...nearestFirst([1, 4], 0)]).toEqual([1, 4]);
  expect([...nearestFirst([], 3)]).toEqual([]);
});
