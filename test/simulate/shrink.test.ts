import { expect, it } from 'vitest';
import { shrink } from '../../src/simulate/shrink.js';

const numbers = Array.from({ length: 60 }, (_, index) => index);

function containing(...needed: readonly number[]) {
  return (part: readonly number[]) => Promise.resolve(needed.every((each) => part.includes(each)));
}

it('finds the items that are needed together, in their order', async () => {
  expect(await shrink(numbers, containing(41, 3, 17), 1000)).toEqual([3, 17, 41]);
});

it('needs none where the failure needs none', async () => {
  expect(await shrink(numbers, containing(), 1000)).toEqual([]);
});

it('leaves a list alone of which all is needed', async () => {
  expect(await shrink(numbers, containing(...numbers), 1000)).toEqual(numbers);
});

it('ends after so many tries with a part that failed', async () => {
  let tries = 0;
  const fails = containing(3, 41);
  const part = await shrink(
    numbers,
    (each) => {
      tries += 1;
      return fails(each);
    },
    5,
  );
  expect(tries).toBe(5);
  expect(await fails(part)).toBe(true);
  expect(part.length).toBeLessThan(numbers.length);
});

it('takes away what is needed only in the presence of what is not', async () => {
  const fails = (part: readonly number[]): Promise<boolean> =>
    Promise.resolve(part.includes(5) && (!part.includes(7) || part.includes(8)));
  expect(await shrink(numbers, fails, 1000)).toEqual([5]);
});
