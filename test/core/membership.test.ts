import { describe, expect, it } from 'vitest';
import { Membership } from '../../src/core/membership.js';
import type { MemberChange } from '../../src/core/update.js';
import { close, dot, id, join, leave, nodeName, vector } from '../support/builders.js';

/** The membership of a cluster that began with `a`, `b` and `c`, after updates with these dots. */
function after(...updates: readonly (readonly [string, readonly MemberChange[]])[]): Membership {
  const membership = new Membership([], ['a', 'b', 'c'].map(id));
  for (const [name, changes] of updates) membership.apply(changes, dot(name));
  return membership;
}

describe('the members', () => {
  it('are the founders, until something else is recorded', () => {
    expect(after().current).toEqual(['a', 'b', 'c']);
    const recorded = after(['a:1', [leave('b')]]).facts();
    expect(new Membership(recorded, ['a', 'b', 'c'].map(id)).current).toEqual(['a', 'c']);
  });

  it('are those who joined and have not left', () => {
    const membership = after(['a:1', [join('d')]], ['a:2', [leave('b')]]);
    expect(membership.current).toEqual(['a', 'c', 'd']);
    expect([membership.isMember(id('b')), membership.hasLeft(id('b'))]).toEqual([false, true]);
    expect([membership.isMember(id('e')), membership.hasLeft(id('e'))]).toEqual([false, false]);
  });

  it('never come back under the same replica id', () => {
    expect(after(['a:1', [leave('d')]], ['b:1', [join('d')]]).isMember(id('d'))).toBe(false);
  });

  it('are found by node, whatever the incarnation', () => {
    const membership = after(['a:1', [join('b.x1'), join('bb')]]);
    expect(membership.ofNode(nodeName('b'))).toEqual(['b', 'b.x1']);
  });

  it('are the same whatever the order of concurrent changes', () => {
    const changes = [
      ['a:1', [join('d'), leave('b')]],
      ['c:1', [leave('b')]],
      ['c:2', [close('b', 4)]],
      ['d:1', [join('d')]],
    ] as const;
    expect(after(...changes.toReversed()).facts()).toEqual(after(...changes).facts());
  });

  it('count their changes', () => {
    const membership = after();
    const before = membership.version;
    membership.apply([join('d')], dot('a:1'));
    expect(membership.version).toBeGreaterThan(before);
  });
});

describe('a replica that left', () => {
  it('is unsettled until it is known how many updates it has', () => {
    const membership = after(['a:1', [leave('b')]]);
    expect(membership.unsettled.map(({ replica }) => replica)).toEqual(['b']);
    membership.apply([close('b', 4)], dot('a:2'));
    expect(membership.unsettled).toEqual([]);
    expect(membership.get(id('b'))?.final).toBe(4);
  });

  it('has all of its updates at every member, once it is settled', () => {
    const membership = after(['a:1', [leave('b'), leave('c')]], ['a:2', [close('b', 4), close('c', 0)]]);
    expect(membership.withFinals(vector({ a: 2 }))).toEqual(vector({ a: 2, b: 4 }));
  });

  it('need not be named any more once every member has delivered that it is settled', () => {
    const membership = after(['a:1', [leave('b')]], ['a:2', [close('b', 4)]]);
    expect(membership.shed(vector({ a: 1 }))).toEqual(new Set());
    expect(membership.shed(vector({ a: 2 }))).toEqual(new Set(['b']));
  });
});

it('tells whether somebody has more of one that left', () => {
  const membership = after(['a:1', [leave('b')]]);
  expect(membership.hasMoreOfLeft(vector({ b: 5 }), vector({ b: 4 }))).toBe(true);
  expect(membership.hasMoreOfLeft(vector({ b: 4, c: 9 }), vector({ b: 4 }))).toBe(false);
});
