import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Expiring } from '../../src/core/expiring.js';
import type { Version, Versions } from '../../src/core/versions.js';
import { dot } from '../support/builders.js';

const rememberedMax = 100_000;

function expiringAt(...times: readonly number[]): Versions {
  return times.map((expiresMs, index): Version => ({
    dot: dot(`a:${index + 1}`),
    timestamp: 1,
    value: new Uint8Array(),
    expiresMs,
  }));
}

function filledWith(count: number, atMs: (index: number) => number): Expiring {
  const expiring = new Expiring(false);
  for (let index = 0; index < count; index += 1) expiring.note(`k${index}`, expiringAt(atMs(index)));
  return expiring;
}

describe('the keys with a value that expires', () => {
  it('are taken when they are due, the first first, each once', () => {
    const expiring = filledWith(3, (index) => 30 - 10 * index);
    expect(expiring.nextMs).toBe(10);
    expect(expiring.take(9, 10)).toEqual([]);
    expect(expiring.take(25, 1)).toEqual(['k2']);
    expect(expiring.take(25, 10)).toEqual(['k1']);
    expect(expiring.nextMs).toBe(30);
    expect(expiring.take(30, 10)).toEqual(['k0']);
    expect(expiring.nextMs).toBe(Infinity);
  });

  it('are due by the first of their values that has not expired', () => {
    const expiring = new Expiring(false);
    const [first, second] = expiringAt(10, 20) as [Version, Version];
    expiring.note('k', [first, second]);
    expect(expiring.nextMs).toBe(10);
    expiring.note('k', [{ ...first, value: null, expiredBy: [dot('a:9')] } as Version, second]);
    expect(expiring.nextMs).toBe(20);
    expiring.note('k', []);
    expect(expiring.nextMs).toBe(Infinity);
  });

  it('are those of the last that was noted, whatever was noted before', () => {
    const step = fc.record({ key: fc.nat(3), atMs: fc.option(fc.nat(20), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.nat(20), (steps, nowMs) => {
        const expiring = new Expiring(false);
        const expected = new Map<string, number>();
        for (const { key, atMs } of steps) {
          expiring.note(`k${key}`, atMs === undefined ? [] : expiringAt(atMs));
          if (atMs === undefined) expected.delete(`k${key}`);
          else expected.set(`k${key}`, atMs);
        }
        const due = [...expected].filter(([, atMs]) => atMs <= nowMs).map(([key]) => key);
        expect(expiring.take(nowMs, 100).sort()).toEqual(due.sort());
        expect(expiring.nextMs).toBe(
          Math.min(Infinity, ...[...expected.values()].filter((atMs) => atMs > nowMs)),
        );
      }),
    );
  });
});

describe('more of them than are remembered', () => {
  it('do not displace those that are due first', () => {
    const expiring = filledWith(rememberedMax, (index) => 1_000_000 + index);
    expect(expiring.needSearch).toBe(false);
    expiring.note('soon', expiringAt(5));
    expect(expiring.nextMs).toBe(5);
    expect(expiring.take(1_000_000, 10)).toEqual(['soon', 'k0']);
  });

  it('are searched for when most of the others are done, and not before', () => {
    const expiring = filledWith(rememberedMax + 1, (index) => index);
    expect(expiring.needSearch).toBe(false);
    expect(expiring.take(Infinity, rememberedMax)).toHaveLength(rememberedMax / 2);
    expect(expiring.needSearch).toBe(true);
    expiring.searched();
    expect(expiring.needSearch).toBe(false);
    expiring.note('late', expiringAt(rememberedMax));
    expect(expiring.take(rememberedMax, 10)).toEqual(['late']);
  });

  it('leave as many as there is room for, where all are due in one moment', () => {
    const expiring = filledWith(rememberedMax + 1, () => 7);
    expect(expiring.take(7, 2 * rememberedMax)).toHaveLength(rememberedMax / 2);
    expect(expiring.needSearch).toBe(true);
  });

  it('are searched for at once where it is not known what there is', () => {
    expect(new Expiring(true).needSearch).toBe(true);
  });
});
