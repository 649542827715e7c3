import { expect, it } from 'vitest';
import type { Update } from '../../src/core/update.js';
import { HeldUpdates } from '../../src/storage/heldUpdates.js';
import { node1, text } from './updates.js';
import { vector } from '../support/builders.js';

function updateAt(counter: number): Update {
  return {
    dot: { replica: node1, counter },
    timestamp: counter,
    dependencies: vector({ node2: counter }),
    operations: [{ kind: 'put', key: `key${counter}`, value: text('x'.repeat(counter % 50)) }],
  };
}

/** More than are kept as they are, and not a multiple of what is packed together. */
const count = 5500;

it('gives back every update that it holds, packed or not, and counts for each the same bytes when it goes', () => {
  const held = new HeldUpdates();
  const pushed: number[] = [];
  for (let counter = 1; counter <= count; counter += 1) {
    pushed.push(held.push(updateAt(counter), 10 * counter));
  }
  for (let dropped = 0; dropped < count; dropped += 1) {
    const left = count - dropped;
    expect(held.size).toBe(left);
    expect(held.sequenceAt(0)).toBe(10 * (dropped + 1));
    for (const position of [0, Math.floor(left / 2), left - 1]) {
      expect(held.at(position)).toEqual(updateAt(dropped + position + 1));
    }
    expect(held.at(-1)).toBeUndefined();
    expect(held.at(left)).toBeUndefined();
    expect(held.drop()).toBe(pushed[dropped]);
  }
  expect(held.at(0)).toBeUndefined();
  expect(held.drop()).toBe(0);
});

it('takes further ones when all were dropped', () => {
  const held = new HeldUpdates();
  for (let counter = 1; counter <= 3000; counter += 1) held.push(updateAt(counter), counter);
  for (let counter = 1; counter <= 3000; counter += 1) held.drop();
  held.push(updateAt(3001), 3001);
  expect([held.size, held.at(0), held.at(1)]).toEqual([1, updateAt(3001), undefined]);
});
