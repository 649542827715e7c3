import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeMember, mergeMembers, type Member } from '../../src/core/member.js';
import { dot, id } from '../support/builders.js';

/** What different replicas may know of one: the same facts, or some of them, by one of several updates that said so. */
const knowledge = fc.record<Member>({
  replica: fc.constant(id('m')),
  address: fc.constantFrom(null, 'there'),
  leftBy: fc.constantFrom(null, dot('a:1'), dot('a:3'), dot('b:2')),
  final: fc.constantFrom(null, 7),
  closedBy: fc.constantFrom(null, dot('a:5'), dot('c:1')),
});

it('the order in which knowledge of a member is joined does not matter', () => {
  fc.assert(
    fc.property(knowledge, knowledge, knowledge, (one, two, three) => {
      expect(mergeMember(one, two)).toEqual(mergeMember(two, one));
      expect(mergeMember(mergeMember(one, two), three)).toEqual(mergeMember(one, mergeMember(two, three)));
      expect(mergeMember(one, one)).toEqual(one);
    }),
  );
});

it('a fact that either side knows is known afterwards', () => {
  const before = { replica: id('m'), address: null, leftBy: dot('b:2'), final: null, closedBy: null };
  const other = { replica: id('m'), address: 'there', leftBy: dot('a:9'), final: 7, closedBy: dot('a:5') };
  expect(mergeMember(before, other)).toEqual(other);
});

it('how many updates a replica has in all cannot be two numbers', () => {
  const of = (final: number): Member => {
    return { replica: id('m'), address: null, leftBy: dot('a:1'), final, closedBy: dot('a:2') };
  };
  expect(() => mergeMember(of(7), of(8))).toThrow('m was settled twice, with 7 and 8 updates');
});

it('the members of two states are joined one by one, and sorted', () => {
  const of = (name: string): Member => {
    return { replica: id(name), address: null, leftBy: null, final: null, closedBy: null };
  };
  const left = { ...of('b'), leftBy: dot('a:1') };
  expect(mergeMembers([of('a'), of('b')], [left, of('0')])).toEqual([of('0'), of('a'), left]);
});
