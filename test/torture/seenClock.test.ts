import { describe, expect, it } from 'vitest';
import { SeenClock } from '../../src/torture/seenClock.js';

const nobodyLeft = (): boolean => false;

describe('what clients were told of', () => {
  it('is missing where no clock has as much of a replica', () => {
    const seen = new SeenClock();
    seen.add({ node1: 5, node2: 3 });
    seen.add({ node1: 4, node3: 1 });
    expect(seen.missingFrom([{ node1: 5, node2: 2 }, { node3: 1 }], nobodyLeft)).toEqual(['node2:3']);
    expect(seen.missingFrom([{ node1: 5, node2: 3 }, { node3: 1 }], nobodyLeft)).toEqual([]);
  });

  it('is not missing where a replica that has left is named no more, but is where it still is', () => {
    const seen = new SeenClock();
    seen.add({ node1: 5 });
    const hasLeft = (replica: string): boolean => replica === 'node1';
    expect(seen.missingFrom([{ node2: 1 }], hasLeft)).toEqual([]);
    expect(seen.missingFrom([{ node1: 4 }], hasLeft)).toEqual(['node1:5']);
  });
});
