import { expect, it } from 'vitest';
import { DependencyBases } from '../../../src/protocol/link/dependencyBases.js';
import { id } from '../../support/builders.js';

it('remembers the last vector of so many origins at a time, and no more', () => {
  const bases = new DependencyBases();
  const vector = new Map([[id('node1'), 1]]);
  for (let origin = 1; origin <= 128; origin += 1) bases.set(id(`other${origin}`), vector);
  bases.set(id('other1'), new Map(vector));
  expect(bases.of(id('other128'))).toBe(vector);
  bases.set(id('other129'), vector);
  expect(bases.of(id('other128')).size).toBe(0);
  expect(bases.of(id('other129'))).toBe(vector);
});
