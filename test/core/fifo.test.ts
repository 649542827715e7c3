import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../src/core/fifo.js';

describe('fifo', () => {
  it('gives nothing when empty', () => {
    const fifo = new Fifo<number>();
    expect(fifo.peek()).toBeUndefined();
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.take(2)).toEqual([]);
    expect(fifo.at(0)).toBeUndefined();
    expect(fifo.size).toBe(0);
  });

  it('takes the oldest of those that wait, and shows any of them', () => {
    const fifo = new Fifo<number>();
    for (const item of [1, 2, 3, 4, 5]) fifo.push(item);
    expect(fifo.take(2)).toEqual([1, 2]);
    expect([fifo.at(0), fifo.at(2), fifo.at(3), fifo.at(-1)]).toEqual([3, 5, undefined, undefined]);
    expect(fifo.take(9)).toEqual([3, 4, 5]);
    expect(fifo.size).toBe(0);
  });

  it('behaves as an array under any mix of push and shift', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (commands) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const pushed of commands) {
          if (pushed === undefined) expect(fifo.shift()).toBe(model.shift());
          else {
            fifo.push(pushed);
            model.push(pushed);
          }
          expect(fifo.size).toBe(model.length);
          expect(fifo.peek()).toBe(model[0]);
        }
      }),
    );
  });
});
