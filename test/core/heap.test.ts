import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../../src/core/heap.js';

const ascending = (left: number, right: number): boolean => left <= right;

function drained(heap: Heap<number>): number[] {
  const items: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

it('gives what it was given in order, whenever it is taken', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(30), { nil: 'take' as const })), (steps) => {
      const heap = new Heap(ascending);
      let expected: number[] = [];
      for (const step of steps) {
        if (step !== 'take') {
          heap.push(step);
          expected = [...expected, step].sort((left, right) => left - right);
          continue;
        }
        expect(heap.peek()).toBe(expected[0]);
        expect(heap.pop()).toBe(expected.shift());
      }
      expect(heap.size).toBe(expected.length);
      expect(drained(heap)).toEqual(expected);
    }),
  );
});

it('lets go of what is not to be kept', () => {
  const heap = new Heap(ascending);
  for (const item of [5, 2, 8, 1, 4]) heap.push(item);
  heap.keepOnly((item) => item % 2 === 0);
  expect(drained(heap)).toEqual([2, 4, 8]);
});
