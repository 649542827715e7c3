import { describe, expect, it } from 'vitest';
import { Chance } from '../../src/torture/chance.js';
import { RecentKeys } from '../../src/torture/recentKeys.js';
import { drawStep, workloadNames, type Step } from '../../src/torture/workload.js';

const recent = ['newest', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

function draw(count: number, seed = 1, workload: (typeof workloadNames)[number] = 'mixed'): Step[] {
  const chance = new Chance(seed, 'client c1');
  return Array.from({ length: count }, () => drawStep(chance, workload, recent));
}

function keysOf(step: Step): readonly string[] {
  if (step.kind === 'own') return ['a key of its own'];
  return 'keys' in step ? step.keys : [step.key];
}

describe('a workload', () => {
  it('draws the same steps for the same seed and the same writes before them', () => {
    expect(draw(500)).toEqual(draw(500));
    expect(draw(500)).not.toEqual(draw(500, 2));
  });

  it('reads what was written last, the last one first', () => {
    const reads = draw(500).filter((step) => step.kind === 'read');
    expect(reads.length).toBeGreaterThan(100);
    for (const { keys } of reads) {
      const places = keys.map((key) => recent.indexOf(key));
      expect(places[0]).toBeLessThan(5);
      expect(places).toEqual(places.map((_, index) => places[0]! + index));
    }
  });

  it('has every kind of step', () => {
    const kinds = new Set(draw(500).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['read', 'write', 'delete', 'batch', 'snapshot', 'own']));
  });

  it('names no key twice in one step, for a batch could not say which value is the last', () => {
    for (const step of draw(2000)) expect(new Set(keysOf(step)).size).toBe(keysOf(step).length);
  });

  it('knows what to read when nothing was written yet', () => {
    for (const workload of workloadNames) {
      const chance = new Chance(3, 'client c1');
      for (let step = 0; step < 100; step += 1) {
        expect(keysOf(drawStep(chance, workload, [])).length).toBeGreaterThan(0);
      }
    }
  });
});

describe('the keys written last', () => {
  it('stand in the order of their last write, each once', () => {
    const keys = new RecentKeys();
    for (const key of ['a', 'b', 'c', 'a']) keys.add(key);
    expect(keys.newest()).toEqual(['a', 'c', 'b']);
  });

  it('are at most 64', () => {
    const keys = new RecentKeys();
    for (let key = 0; key < 1000; key += 1) keys.add(`k${key}`);
    expect(keys.newest()).toHaveLength(64);
    expect(keys.newest()[0]).toBe('k999');
  });
});
