import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../src/core/fifo.js';

describe('fifo', () => {
  it('gives nothing when empty', () => {
    const fifo = new Fifo<number>();
    expect(fifo.peek()).toBeUndefined();
    expect(fifo.shift()).toBeUndefined();
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
