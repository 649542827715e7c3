import { describe, expect, it } from 'vitest';
import type { Dot } from '../../src/core/clock/dot.js';
import { mergeVersions } from '../../src/core/mergeVersions.js';
import { echoOf, type RegisterVersion, type Version, type Versions } from '../../src/core/versions.js';
import { dot, vector } from '../support/builders.js';

function version(name: string, timestamp: number, parts: Partial<RegisterVersion> = {}): RegisterVersion {
  return { dot: dot(name), timestamp, value: new TextEncoder().encode(name), ...parts };
}

function dotsOf(twins: readonly Dot[] = []): (version: Version) => Dot[] {
  return (of) => [of.dot, ...(of.aliases ?? []), ...(of.request === undefined ? [] : twins)];
}

type Side = readonly [Versions | undefined, Readonly<Record<string, number>>];

function merge(local: Side, remote: Side, twins?: Dot[]): Versions | undefined {
  return mergeVersions(local[0], vector(local[1]), remote[0], vector(remote[1]), dotsOf(twins));
}

describe('mergeVersions', () => {
  const fromA = version('a:1', 5);
  const fromB = version('b:1', 7);

  it('keeps what both have, and what only one can have seen, the winner first', () => {
    expect(merge([[fromA], { a: 1 }], [[fromA], { a: 1 }])).toEqual([fromA]);
    expect(merge([[fromA], { a: 1 }], [[fromB], { b: 1 }])).toEqual([fromB, fromA]);
    expect(merge([undefined, {}], [[fromB], { b: 1 }])).toEqual([fromB]);
  });

  it('drops what the other side has seen and no longer has', () => {
    expect(merge([[fromA], { a: 1 }], [[fromB], { a: 1, b: 1 }])).toEqual([fromB]);
    expect(merge([[fromA], { a: 1, b: 2 }], [[fromB], { b: 1 }])).toEqual([fromA]);
  });

  it('leaves nothing of a key that one side has collected', () => {
    const tombstone = version('a:1', 5, { value: null });
    expect(merge([[tombstone], { a: 1 }], [undefined, { a: 1 }])).toBeUndefined();
    expect(merge([undefined, { a: 1 }], [[tombstone], { a: 1 }])).toBeUndefined();
  });

  it('gives the very versions of the local side where the other one changes nothing', () => {
    const local = [version('b:1', 7, { request: 'r', aliases: [dot('c:1')] }), fromA];
    expect(merge([local, { a: 1, b: 1, c: 1 }], [undefined, {}])).toBe(local);
    const plain = [fromB, fromA];
    expect(merge([plain, { a: 1, b: 1 }], [[version('b:1', 7)], { b: 1 }])).toBe(plain);
  });

  it('makes one version of a write that both sides have by other dots: that of the greater precedence', () => {
    const left = version('b:1', 7, { request: 'r', aliases: [dot('d:4')] });
    const right = version('a:9', 8, { request: 'r', aliases: [dot('d:4'), dot('c:1')] });
    const aliases = [dot('b:1'), dot('c:1'), dot('d:4')];
    const one = { ...right, aliases };
    expect(merge([[left], { b: 1, d: 4 }], [[right], { a: 9, c: 1, d: 4 }])).toEqual([one]);
    expect(merge([[right], { a: 9, c: 1, d: 4 }], [[left], { b: 1, d: 4 }])).toEqual([one]);
  });

  it('drops a write that the other side has seen and replaced by another of its dots, but for an echo', () => {
    const retried = version('a:1', 5, { request: 'r' });
    const twins = [dot('a:1'), dot('b:1')];
    expect(merge([[retried], { a: 1 }], [undefined, { b: 1 }], twins)).toEqual([echoOf(dot('a:1'))]);
    expect(merge([[retried], { a: 1 }], [undefined, { b: 1 }])).toEqual([retried]);
  });
});
