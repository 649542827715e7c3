import { expect, it } from 'vitest';
import { OwnWrites } from '../../../src/node/resp/ownWrites.js';
import type { Write } from '../../../src/node/resp/plans.js';

function write(keys: readonly string[], parts: Partial<Write> = {}): Write {
  return { keys, looks: false, ...parts } as unknown as Write;
}

it.each([1, 20])('what looks at keys waits for the writes to any of them, asked of %d keys', (count) => {
  const own = new OwnWrites();
  const others = Array.from({ length: count - 1 }, (_, index) => `other${index}`);
  const first = own.begin(write(['a', 'b']));
  const second = own.begin(write(['c'], { looks: true }));
  expect([own.hinder([...others, 'b']), own.hinder([...others, 'd'])]).toEqual([true, false]);
  expect([own.mayBeOvertaken([...others, 'c']), own.mayBeOvertaken([...others, 'a'])]).toEqual([true, false]);
  first.end();
  expect([own.hinder([...others, 'b']), own.hinder([...others, 'c']), own.count]).toEqual([false, true, 1]);
  second.end();
  expect(own.hinder(undefined)).toBe(false);
});

it('many keys of many writes are looked through in one pass, and so hold up nobody', () => {
  const own = new OwnWrites();
  const keysOf = (prefix: string): string[] =>
    Array.from({ length: 1000 }, (_, index) => `${prefix}${index}`);
  let compared = 0;
  const counted = new Proxy(keysOf('asked'), {
    get: (keys, name) => {
      compared += 1;
      return Reflect.get(keys, name) as unknown;
    },
  });
  for (let count = 1; count <= 20; count += 1) own.begin(write(keysOf(`written${count}-`)));
  expect(own.hinder(counted)).toBe(false);
  expect(compared).toBeLessThan(10_000);
});

it('keeps none of the writes that have ended from being cleared away', () => {
  const own = new OwnWrites();
  const first = own.begin(write(['a']));
  const second = own.begin(write(['b']));
  own.begin(write(['c']));
  first.end();
  second.end();
  expect([first.after, second.before, second.after]).toEqual([undefined, undefined, undefined]);
});
