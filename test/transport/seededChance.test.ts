import { describe, expect, it } from 'vitest';
import { SeededChance } from '../../src/transport/seededChance.js';

const rule = { seed: 7, kind: 'drop', source: 'node1', target: 'node2' } as const;

function draw(changes: Partial<ConstructorParameters<typeof SeededChance>[0]> = {}, count = 50): number[] {
  const chance = new SeededChance({ ...rule, ...changes });
  return Array.from({ length: count }, () => chance.next());
}

describe('SeededChance', () => {
  it('decides the same for the same seed, kind and link', () => {
    expect(draw()).toEqual(draw());
  });

  it.each([
    { seed: 8 },
    { kind: 'duplicate' as const },
    { source: 'node3' },
    { target: 'node3' },
    { source: 'node2', target: 'node1' },
  ])('decides otherwise with %j', (changes) => {
    const [changed, unchanged] = [draw(changes), draw()];
    expect(changed.filter((value, index) => value === unchanged[index])).toEqual([]);
  });

  it('decides what it always has, so that a seed that was noted down stays good', () => {
    expect(draw({}, 3).map((value) => value.toFixed(6))).toEqual(['0.498629', '0.342320', '0.045213']);
  });

  it.each([0, 1, 2, 4_294_967_295])('is uniform with seed %d, within 2 of 100 over 10,000 draws', (seed) => {
    const values = draw({ seed }, 10_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const share of [0.05, 0.2, 0.5, 0.95]) {
      const below = values.filter((value) => value < share).length / values.length;
      expect(Math.abs(below - share)).toBeLessThan(0.02);
    }
  });

  it('makes the first decisions of seeds in a row as varied as those of one seed', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => draw({ seed }, 1)[0] ?? 1);
    expect(Math.abs(firsts.filter((value) => value < 0.2).length / 10_000 - 0.2)).toBeLessThan(0.02);
  });
});
