import { describe, expect, it } from 'vitest';
import { RelayMarks, relayWaitMs, type Connections } from '../../src/core/relay.js';
import { id, nodeName, vector } from '../support/builders.js';

const members = ['a', 'b', 'c', 'd'].map(id);

/** What `self` knows of others, where that is anything but good. */
type Troubles = Readonly<
  Record<string, { readonly silent?: boolean; readonly unreached?: readonly string[] }>
>;

function waitMs(self: string, peer: string, origin: string, troubles: Troubles, among = members) {
  const connections = (member: string): Connections | undefined => {
    if (member === self || !among.includes(id(member))) return undefined;
    const { silent = false, unreached = [] } = troubles[member] ?? {};
    return { isSilent: silent, unreached: unreached.map(nodeName) };
  };
  return relayWaitMs({ self: id(self), peer: id(peer), origin: id(origin), members: among, connections });
}

describe('updates of an origin', () => {
  it('are not brought by others while it serves the peer itself', () => {
    expect(waitMs('a', 'b', 'c', {})).toBeUndefined();
    expect(waitMs('a', 'b', 'c', { c: { unreached: ['d'] } })).toBeUndefined();
  });

  it.each([
    ['says that it does not reach the peer', { c: { unreached: ['b'] } }, members],
    ['is silent', { c: { silent: true } }, members],
    ['has left', {}, members.filter((member) => member !== id('c'))],
  ] as const)('are brought by another where it %s', (_, troubles, among) => {
    expect(waitMs('a', 'b', 'c', troubles, [...among])).toBe(0);
  });

  it('are brought to a peer of which another incarnation of its node is named as unreached', () => {
    const among = ['a', 'b.x1', 'c'].map(id);
    expect(waitMs('a', 'b.x1', 'c', { c: { unreached: ['b'] } }, among)).toBe(0);
  });
});

describe('of several that could bring them', () => {
  const cut = { a: { unreached: ['b'] } };

  it('one after the other has its turn, in the order of their ids', () => {
    expect([waitMs('c', 'b', 'a', cut), waitMs('d', 'b', 'a', cut)]).toEqual([0, 250]);
  });

  it('nobody waits for one that does not reach the peer either, or of which nothing is heard', () => {
    expect(waitMs('d', 'b', 'a', { ...cut, c: { unreached: ['b'] } })).toBe(0);
    expect(waitMs('d', 'b', 'a', { ...cut, c: { silent: true } })).toBe(0);
  });
});

describe('relay marks', () => {
  const origin = id('o');
  const heard = (acked: number, heardAtMs: number) => ({ acked: vector({ o: acked }), heardAtMs });

  it('are due at once for the first in turn', () => {
    expect(new RelayMarks().isDue(origin, 0, heard(0, 0), 5, 0)).toBe(true);
  });

  it('are due when the peer still misses the updates by what it says after the wait', () => {
    const marks = new RelayMarks();
    expect(marks.isDue(origin, 250, heard(0, 990), 5, 1000)).toBe(false);
    expect(marks.isDue(origin, 250, heard(4, 1249), 5, 1300)).toBe(false);
    expect(marks.isDue(origin, 250, heard(4, 1250), 5, 1300)).toBe(true);
  });

  it('begin anew when the peer has got what was missing: then another one brings it', () => {
    const marks = new RelayMarks();
    marks.isDue(origin, 250, heard(0, 1000), 5, 1000);
    expect(marks.isDue(origin, 250, heard(5, 1300), 9, 1300)).toBe(false);
    expect(marks.isDue(origin, 250, heard(5, 1549), 9, 1549)).toBe(false);
    expect(marks.isDue(origin, 250, heard(5, 1550), 9, 1550)).toBe(true);
  });

  it('begin anew when the origin has served meanwhile', () => {
    const marks = new RelayMarks();
    marks.isDue(origin, 250, heard(0, 1000), 5, 1000);
    marks.keepOnly([origin]);
    expect(marks.isDue(origin, 250, heard(0, 1250), 5, 1250)).toBe(true);
    marks.keepOnly([id('p')]);
    expect(marks.isDue(origin, 250, heard(0, 2000), 5, 2000)).toBe(false);
  });
});
