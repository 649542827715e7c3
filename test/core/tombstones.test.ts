import { describe, expect, it } from 'vitest';
import { Tombstones } from '../../src/core/tombstones.js';
import { dot, vector } from '../support/builders.js';

describe('tombstones', () => {
  it('are taken in the order in which they came, as far as they can be collected', () => {
    const tombstones = new Tombstones(false);
    for (const [key, name] of [
      ['x', 'a:1'],
      ['y', 'a:2'],
      ['z', 'a:3'],
    ] as const)
      tombstones.add(key, dot(name));
    expect(tombstones.take(vector({ a: 2 }), 10)).toEqual(['x', 'y']);
    expect(tombstones.isDue(vector({ a: 2 }))).toBe(false);
    expect(tombstones.isDue(vector({ a: 3 }))).toBe(true);
    expect(tombstones.take(vector({ a: 3 }), 10)).toEqual(['z']);
  });

  it('are taken a few at a time', () => {
    const tombstones = new Tombstones(false);
    for (const key of ['x', 'y', 'z']) tombstones.add(key, dot('a:1'));
    expect(tombstones.take(vector({ a: 1 }), 2)).toEqual(['x', 'y']);
    expect(tombstones.isDue(vector({ a: 1 }))).toBe(true);
  });

  it('need a search where there are some that were not seen coming, and no second one for the same', () => {
    const tombstones = new Tombstones(true);
    expect(tombstones.needSearch).toBe(true);
    tombstones.searched();
    expect(tombstones.needSearch).toBe(false);
    expect(new Tombstones(false).needSearch).toBe(false);
  });

  it('need a search when there were too many to remember, once there is room for what it finds', () => {
    const tombstones = new Tombstones(false);
    for (let count = 0; count <= 100_000; count += 1) tombstones.add('k', dot(`a:${count + 1}`));
    expect(tombstones.needSearch).toBe(false);
    tombstones.take(vector({ a: 100_000 }), 50_000);
    expect(tombstones.needSearch).toBe(true);
    expect(tombstones.take(vector({ a: 100_001 }), 100_000)).toHaveLength(50_000);
  });
});
