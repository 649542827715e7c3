import { describe, expect, it } from 'vitest';
import { Overlay } from '../../../src/storage/lmdb/overlay.js';

/** Of values whose memory is their number. */
function overlay(): Overlay<number> {
  return new Overlay((value) => value);
}

function checkpointed(values: Overlay<number>, ...entries: [string, number | null][]): void {
  for (const [key, value] of entries) values.set(key, value);
  values.freeze();
  values.drop();
}

describe('what is stored', () => {
  it('is known from the checkpoints that wrote it, the latest first, and from what was read', () => {
    const values = overlay();
    checkpointed(values, ['a', 1], ['b', 1], ['c', 1]);
    checkpointed(values, ['b', 2], ['c', null]);
    values.keep('d', 4);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => values.get(key))).toEqual([1, 2, null, 4, undefined]);
  });

  it('stands behind what has changed and what a checkpoint is to write', () => {
    const values = overlay();
    checkpointed(values, ['a', 1], ['b', 1]);
    values.set('a', 2);
    values.freeze();
    values.set('b', 2);
    expect([values.get('a'), values.get('b')]).toEqual([2, 2]);
    values.drop();
    expect([values.get('a'), values.get('b'), values.dirtyKeys]).toEqual([2, 2, 1]);
  });

  it('is let go where it is too much, in keys or in bytes, and what has changed is not', () => {
    const values = overlay();
    values.set('changed', 1);
    for (let key = 0; key <= 40_000; key += 1) values.keep(String(key), 0);
    expect([values.get('0'), values.get('changed')]).toEqual([undefined, 1]);
    values.keep('small', 1);
    values.keep('large', 16 * 1024 * 1024);
    expect([values.get('small'), values.get('large'), values.get('changed')]).toEqual([
      undefined,
      undefined,
      1,
    ]);
  });

  it('counts a key once, however often it is written', () => {
    const values = overlay();
    for (let round = 0; round < 5; round += 1) checkpointed(values, ['a', 6 * 1024 * 1024], ['b', 1]);
    expect([values.get('a'), values.get('b')]).toEqual([6 * 1024 * 1024, 1]);
  });

  it('is forgotten where it has changed otherwise', () => {
    const values = overlay();
    checkpointed(values, ['a', 1]);
    values.forgetStored();
    expect(values.get('a')).toBeUndefined();
  });
});
