import { describe, expect, it } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import type { Update } from '../../src/core/update.js';
import { applyOperations } from '../../src/core/applyOperations.js';
import { oneVersion, withoutTombstones, type Version, type Versions } from '../../src/core/versions.js';
import { dot, put, remove, textOf, update, vector, valueOf } from '../support/builders.js';

function applyAll(...updates: Update[]): Versions {
  let versions: Versions | undefined;
  for (const each of updates) versions = applyOperations(versions, each, each.operations);
  return versions ?? [];
}

function dotsOf(versions: Versions): string[] {
  return versions.map(({ dot }) => formatDot(dot));
}

describe('versions of a key', () => {
  it('replaces what the update has seen', () => {
    expect(dotsOf(applyAll(update('a:1'), update('b:1', { after: { a: 1 }, at: 2 })))).toEqual(['b:1']);
  });

  it('keeps what the update has not seen as a sibling', () => {
    expect(dotsOf(applyAll(update('a:1'), update('b:1')))).toHaveLength(2);
  });

  it('puts the greatest timestamp first', () => {
    expect(
      dotsOf(applyAll(update('a:1', { at: 9 }), update('b:1', { at: 5 }), update('c:1', { at: 7 }))),
    ).toEqual(['a:1', 'c:1', 'b:1']);
  });

  it('breaks a tie of timestamps by the replica id', () => {
    expect(dotsOf(applyAll(update('b:1'), update('a:1')))).toEqual(['b:1', 'a:1']);
    expect(dotsOf(applyAll(update('a:1'), update('b:1')))).toEqual(['b:1', 'a:1']);
  });

  it('replaces earlier writes of the same replica, which need not be among the dependencies', () => {
    expect(dotsOf(applyAll(update('a:1', { at: 1 }), update('b:1'), update('a:2', { at: 2 })))).toEqual([
      'a:2',
      'b:1',
    ]);
  });

  it('replaces all siblings by a write that has seen them', () => {
    const merged = update('c:1', { after: { a: 1, b: 1 }, at: 3 });
    expect(dotsOf(applyAll(update('a:1'), update('b:1'), merged))).toEqual(['c:1']);
  });

  it('keeps the sibling that a write has not seen, and replaces the one it has', () => {
    const merged = update('c:1', { after: { a: 1 }, at: 3 });
    expect(dotsOf(applyAll(update('a:1'), update('b:1'), merged))).toEqual(['c:1', 'b:1']);
  });

  it('keeps a delete as a tombstone with its dot', () => {
    const versions = applyAll(update('a:1'), update('a:2', { at: 2, do: [remove('k')] }));
    expect(versions.map((version) => [formatDot(version.dot), valueOf(version)])).toEqual([['a:2', null]]);
  });

  it('keeps a value that the delete has not seen', () => {
    const versions = applyAll(
      update('a:1', { do: [put('k', 'kept')] }),
      update('b:1', { do: [remove('k')] }),
    );
    expect(versions.map((version) => textOf(valueOf(version)))).toEqual([null, 'kept']);
  });

  it('lets the last of several operations on one key stand, within one batch', () => {
    const batch = update('a:1', { do: [put('k', 'first'), remove('k'), put('k', 'last')] });
    expect(applyAll(batch).map((version) => textOf(valueOf(version)))).toEqual(['last']);
  });

  it('does not change the list that it was given', () => {
    const before = applyAll(update('a:1'));
    applyOperations(before, update('a:2', { at: 2 }), [put('k', 'x')]);
    expect(dotsOf(before)).toEqual(['a:1']);
  });
});

/** `deleted` for a tombstone, `a:1` for a value; the first has the greatest precedence. */
function versionsOf(...names: readonly string[]): Versions {
  return names.map((name, index): Version => {
    const [first = '', isDeleted] = name.split(' ');
    const value = isDeleted === undefined ? new TextEncoder().encode(first) : null;
    return { dot: dot(first), timestamp: names.length - index, value };
  });
}

describe('tombstones that can be collected', () => {
  const collectable = vector({ a: 5, b: 5, c: 5 });

  it.each([
    ['alone', ['a:1 deleted'], []],
    ['several', ['a:1 deleted', 'b:1 deleted'], []],
    ['that lose against a value', ['a:1', 'b:1 deleted'], ['a:1']],
    ['that win over a value, which would come back', ['a:1 deleted', 'b:1'], ['a:1', 'b:1']],
    ['between two values', ['a:1', 'b:1 deleted', 'c:1'], ['a:1', 'b:1', 'c:1']],
    ['before and behind a value', ['a:1 deleted', 'b:1', 'c:1 deleted'], ['a:1', 'b:1']],
    ['before one that is not yet', ['a:1 deleted', 'b:9 deleted'], ['a:1', 'b:9']],
    ['behind one that is not yet', ['a:9 deleted', 'b:1 deleted'], ['a:9']],
  ])('%s: go if nothing can miss them', (_, before, after) => {
    expect(dotsOf(withoutTombstones(versionsOf(...before), collectable))).toEqual(after);
  });

  it('stay until every dot of their write can be, for an increment elsewhere is to have seen each of them', () => {
    const request = '0000000001000-r.0';
    const first = applyOperations(undefined, update('a:1', { do: [remove('x')], request }), [remove('x')]);
    const twins = [dot('a:1')];
    const both = applyOperations(first, update('b:1', { do: [remove('x')], request }), [remove('x')], twins);
    expect(both).toHaveLength(1);
    expect(withoutTombstones(both, vector({ a: 1 }))).toBe(both);
    expect(withoutTombstones(both, vector({ b: 1 }))).toBe(both);
    expect(withoutTombstones(both, vector({ a: 1, b: 1 }))).toEqual([]);
  });

  it('leave the list as it is where there are none', () => {
    const versions = versionsOf('a:1 deleted', 'b:1');
    expect(withoutTombstones(versions, collectable)).toBe(versions);
  });
});

describe('a write of which there are two versions', () => {
  const [one, other] = [versionsOf('a:1')[0]!, { ...versionsOf('b:1')[0]!, aliases: [dot('c:3')] }];

  it('is the one of greater precedence, and has the dots of both, whichever comes first', () => {
    const later = { ...other, timestamp: 9 };
    expect(oneVersion(one, later)).toEqual({ ...later, aliases: [dot('a:1'), dot('c:3')] });
    expect(oneVersion(later, one)).toEqual(oneVersion(one, later));
  });

  it('is itself where it meets itself', () => {
    expect(oneVersion(one, one)).toEqual(one);
  });
});
