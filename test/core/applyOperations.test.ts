import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOperations } from '../../src/core/applyOperations.js';
import type { Dot } from '../../src/core/clock/dot.js';
import { contentsOf } from '../../src/core/contents.js';
import type { Operation, Update } from '../../src/core/update.js';
import { withoutTombstones, type Versions } from '../../src/core/versions.js';
import { dot, put, remove, textOf, update, vector } from '../support/builders.js';

const key = 'k';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function increment(amount: number): Operation {
  return { kind: 'increment', key, amount };
}

function add(member: string): Operation {
  return { kind: 'add', key, member: bytes(member) };
}

function takeOut(member: string): Operation {
  return { kind: 'remove', key, member: bytes(member) };
}

function versionsAfter(...updates: readonly Update[]): Versions {
  let versions: Versions = [];
  for (const each of updates) versions = applyOperations(versions, each, each.operations);
  return versions;
}

/** What clients see: `7` for a counter, `{a b}` for a set, a value as it is, null where nothing is. */
function shown(versions: Versions): (string | null)[] {
  return contentsOf(versions).map((content) => {
    if (content.type === 'counter') return String(content.count);
    if (content.type === 'set') return `{${content.members.map((each) => textOf(each)).join(' ')}}`;
    return textOf(content.value);
  });
}

/** In both orders. */
function expectShown(updates: readonly Update[], expected: readonly (string | null)[]): void {
  expect(shown(versionsAfter(...updates))).toEqual(expected);
  expect(shown(versionsAfter(...[...updates].reverse()))).toEqual(expected);
}

describe('a counter', () => {
  it('is the sum of what all replicas have added', () => {
    expectShown([update('a:1', { do: [increment(5)] }), update('b:1', { do: [increment(-2)] })], ['3']);
    const [first, second] = [
      update('a:1', { do: [increment(5)] }),
      update('a:2', { at: 2, do: [increment(1)] }),
    ];
    expect(versionsAfter(first, second)).toMatchObject([{ dot: dot('a:2'), total: 6 }]);
  });

  it('loses what was counted concurrently with a write or delete, in any order', () => {
    expectShown([update('a:1', { do: [increment(5)] }), update('b:1', { do: [remove(key)] })], [null]);
    expectShown([update('a:1', { do: [increment(5)] }), update('b:1', { do: [put(key, 'v')] })], ['v']);
  });

  it('begins anew where a delete has been seen', () => {
    const over = update('b:1', { after: { a: 1 }, at: 2, do: [remove(key)] });
    const again = update('a:2', { after: { b: 1 }, at: 3, do: [increment(1)] });
    expect(shown(versionsAfter(update('a:1', { do: [increment(5)] }), over, again))).toEqual(['1']);
  });

  it('has to have seen every dot of a delete that was made twice', () => {
    const request = '1700000000000-r.0123456789abcdef';
    const parts = { request, do: [remove(key)] };
    const [one, two] = [update('a:1', parts), update('b:1', parts)];
    const counted = update('c:1', { after: { b: 1 }, at: 2, do: [increment(1)] });
    const apply = (versions: Versions, each: Update, twins: readonly Update[]): Versions =>
      applyOperations(
        versions,
        each,
        each.operations,
        twins.map((twin) => twin.dot),
      );
    const [late, early] = [
      apply(applyOperations(apply([], two, []), counted, [increment(1)]), one, [two]),
      applyOperations(apply(apply([], one, []), two, [one]), counted, [increment(1)]),
    ];
    expect(shown(late)).toEqual([null]);
    expect(late).toEqual(early);
  });
});

describe('a set', () => {
  it('keeps a member that was added concurrently with its removal', () => {
    const [first, removal] = [
      update('a:1', { do: [add('m')] }),
      update('b:1', { after: { a: 1 }, at: 2, do: [takeOut('m')] }),
    ];
    expect(shown(versionsAfter(first, removal))).toEqual([null]);
    const again = update('c:1', { at: 3, do: [add('m')] });
    expect(shown(versionsAfter(first, removal, again))).toEqual(['{m}']);
    expect(shown(versionsAfter(again, first, removal))).toEqual(['{m}']);
  });

  it('has each member once, and keeps the others where one is removed', () => {
    const updates = [update('a:1', { do: [add('m'), add('n')] }), update('b:1', { do: [add('m')] })];
    expectShown(updates, ['{m n}']);
    const removal = update('c:1', { after: { a: 1, b: 1 }, at: 2, do: [takeOut('m')] });
    expect(shown(versionsAfter(...updates, removal))).toEqual(['{n}']);
  });

  it('leaves a trace of a removal, which goes when nothing can miss it', () => {
    const versions = versionsAfter(
      update('a:1', { do: [add('m')] }),
      update('a:2', { at: 2, do: [takeOut('m')] }),
    );
    expect(versions).toMatchObject([{ kind: 'trace', dot: dot('a:2') }]);
    expect(withoutTombstones(versions, vector({ a: 1 }))).toBe(versions);
    expect(withoutTombstones(versions, vector({ a: 2 }))).toEqual([]);
  });
});

describe('changes of a set in one update', () => {
  const member = fc.constantFrom('m', 'n', 'o').map(bytes);
  const change = fc
    .tuple(fc.constantFrom('add' as const, 'remove' as const), member)
    .map(([kind, each]): Operation => ({ kind, key, member: each }));
  const operation = fc.oneof(
    { weight: 8, arbitrary: change },
    { weight: 1, arbitrary: fc.constantFrom(put(key, 'v'), remove(key)) },
  );
  const operations = fc.array(operation, { minLength: 1, maxLength: 8 });

  it('leave what they leave one by one, whatever there is, also where the write was made elsewhere before', () => {
    const request = '1700000000000-r.0123456789abcdef';
    const updates = fc.array(fc.record({ do: operations, isTwin: fc.boolean() }), { maxLength: 3 });
    fc.assert(
      fc.property(updates, operations, fc.boolean(), (others, own, hasSeenFirst) => {
        let before: Versions = [];
        const twins: Dot[] = [];
        for (const [index, other] of others.entries()) {
          const earlier = update(`${'abc'[index]}:1`, {
            at: index + 1,
            do: other.isTwin ? own : other.do,
            ...(other.isTwin ? { request } : {}),
          });
          before = applyOperations(before, earlier, earlier.operations, other.isTwin ? [...twins] : []);
          if (other.isTwin) twins.push(earlier.dot);
        }
        const after = hasSeenFirst && others.length > 0 ? { a: 1 } : {};
        const last = update('d:1', { at: 9, after, do: own, request });
        let oneByOne = before;
        for (const each of own) oneByOne = applyOperations(oneByOne, last, [each], twins);
        const together = applyOperations(before, last, own, twins);
        expect(together).toHaveLength(oneByOne.length);
        expect(together).toEqual(expect.arrayContaining([...oneByOne]));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an expiry', () => {
  const expire = update('b:1', { after: { a: 1 }, at: 5, do: [{ kind: 'expire', key, dot: dot('a:1') }] });

  it('takes away the value of one write and no other', () => {
    expect(shown(versionsAfter(update('a:1'), expire))).toEqual([null]);
    const other = update('c:1', { at: 2, do: [put(key, 'other')] });
    expect(shown(versionsAfter(update('a:1'), other, expire))).toEqual(['other']);
    const newer = update('a:2', { at: 9, do: [put(key, 'newer')] });
    expect(shown(versionsAfter(update('a:1'), newer, expire))).toEqual(['newer']);
  });

  it('leaves what an increment has to have seen, until the expiry is known everywhere', () => {
    const versions = versionsAfter(update('a:1'), expire);
    const blind = update('c:1', { at: 6, do: [increment(1)] });
    expect(shown(applyOperations(versions, blind, [increment(1)]))).toEqual([null]);
    expect(withoutTombstones(versions, vector({ a: 1 }))).toBe(versions);
    expect(withoutTombstones(versions, vector({ a: 1, b: 1 }))).toEqual([]);
  });
});
