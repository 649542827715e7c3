import { describe, expect, it } from 'vitest';
import { close, dot, id, join, leave, put, update, vector } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';
import { changesOf, hear } from './memberSteps.js';

const write = [put('x', '1')];

/** A replica that wrote, and left in vain: nobody could be told. */
function leftInVain(): StepDriver {
  const a = new StepDriver();
  a.writeDurably(write);
  a.leave();
  a.persistAll();
  a.tick(a.nowMs + 6000);
  return a;
}

describe('a replica that is to leave', () => {
  it('takes no write any more, and is done when another one has all that it has', () => {
    const a = new StepDriver();
    hear(a, {});
    a.leave();
    const request = a.lastNumber;
    expect(only(a.write(write), 'failed')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
    expect(only(a.persistAll(), 'written')).toEqual([]);
    expect(only(a.answered('b', vector({ a: 1 })), 'written')).toMatchObject([{ request }]);
  });

  it('does not say of what it gets now that it has it, for it may be the only one, and will be gone', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1')]);
    a.leave();
    const [answer] = only([...a.receive('b', [update('b:2')]), ...a.persistAll()], 'answer');
    expect(a.replica.clock).toEqual(vector({ a: 1, b: 2 }));
    expect(answer?.answer).toMatchObject({ clock: vector({ a: 1 }), received: vector({ b: 2 }) });
    expect(a.replica.shownDurable).toEqual(vector({ a: 1 }));
  });

  it('knows from a peer which does not listen to it any more that this has all of its updates', () => {
    const a = new StepDriver();
    hear(a, {});
    a.leave();
    a.persistAll();
    expect(only(a.fenced('b'), 'written')).toHaveLength(1);
  });

  it('goes on with it when it was restarted meanwhile, and ends when it is done', () => {
    const before = new StepDriver();
    before.leave();
    before.persistAll();
    const after = new StepDriver({ history: before.history.updates });
    expect(only(after.tick(), 'halt')).toEqual([]);
    expect(only(after.write(write), 'failed')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
    expect(only(after.answered('b', vector()), 'ship')).toMatchObject([{ peer: 'b', first: 1, last: 1 }]);
    expect(only(after.answered('b', vector({ a: 1 })), 'halt')).toMatchObject([
      { error: { code: 'KVC_E_REMOVED' } },
    ]);
  });

  it('waits for the same update when it is asked again, and makes no other', () => {
    const a = leftInVain();
    const { appended } = a.history;
    expect(only(a.leave(), 'failed')).toEqual([]);
    const request = a.lastNumber;
    expect(a.history.appended).toBe(appended);
    expect(only(a.answered('b', vector({ a: 2 })), 'written')).toEqual([
      { kind: 'written', request, dot: dot('a:2') },
    ]);
  });

  it('does not end of itself where it was asked again after a restart: who asked is to end it', () => {
    const a = new StepDriver({ history: leftInVain().history.updates });
    expect(only(a.leave(), 'halt')).toEqual([]);
    const fenced = a.fenced('b');
    expect(only(fenced, 'written')).toMatchObject([{ dot: dot('a:2') }]);
    expect(only(fenced, 'halt')).toEqual([]);
  });

  it('goes on with it likewise from a checkpoint that has its leaving', () => {
    const a = new StepDriver({ facts: leftInVain().replica.facts() });
    expect(only(a.tick(), 'halt')).toEqual([]);
    expect(only(a.fenced('b'), 'halt')).toHaveLength(1);
  });

  it('stops at once where it was another one that removed it', () => {
    const facts = leftInVain().replica.facts();
    const members = facts.members.map((member) =>
      member.replica === 'a' ? { ...member, leftBy: dot('b:1') } : member,
    );
    const a = new StepDriver({ facts: { ...facts, members } });
    expect(only(a.tick(), 'halt')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
  });

  it('is not let go if it is the last', () => {
    const a = new StepDriver({ members: ['a'] });
    expect(only(a.leave(), 'failed')).toMatchObject([{ error: { code: 'KVC_E_STATE_CONFLICT' } }]);
  });

  it('cannot be asked for other changes of the members', () => {
    const a = new StepDriver();
    a.leave();
    for (const effects of [a.admit('d'), a.remove('b')]) {
      expect(only(effects, 'failed')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
    }
  });
});

describe('a node that is to be removed', () => {
  it('leaves under all replica ids', () => {
    const a = new StepDriver();
    a.receive('c', [update('c:1', { changes: [join('b.x1')] })]);
    a.remove('b');
    expect(only(a.persistAll(), 'written')).toHaveLength(1);
    expect(a.replica.membership.current).toEqual(['a', 'c']);
  });

  it.each([
    ['itself', 'a', 'KVC_E_STATE_CONFLICT'],
    ['one that is no member', 'ghost', 'KVC_E_NODE_UNKNOWN'],
  ])('is not %s', (_, node, code) => {
    expect(only(new StepDriver().remove(node), 'failed')).toMatchObject([{ error: { code } }]);
  });
});

describe('a replica that was removed', () => {
  it('is not listened to, which it is told when that is durable', () => {
    const a = new StepDriver();
    a.receive('c', [update('c:1', { changes: [leave('b')] })]);
    expect(only(a.receive('b', [update('b:1')]), 'refuse')).toEqual([]);
    expect(only(a.persistAll(), 'refuse')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
    expect(a.replica.clock).toEqual(vector({ c: 1 }));
  });

  it('halts when a peer does not listen to it any more', () => {
    const a = new StepDriver();
    expect(only(a.fenced('b'), 'halt')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
    expect(a.write(write)).toEqual([]);
  });

  it('halts when it gets to know it by an update', () => {
    const a = new StepDriver();
    const effects = a.receive('b', [update('b:1', { changes: [leave('a')] })]);
    expect(only(effects, 'halt')).toHaveLength(1);
    expect(only(effects, 'ship')).toEqual([]);
    expect(a.replica.wakeAtMs()).toBe(Infinity);
  });

  it('has its pending updates forgotten, also those that another brought that was removed since', () => {
    const a = new StepDriver({ members: ['a', 'b', 'c', 'd'] });
    a.receive('d', [update('d:1', { changes: [leave('b')] })]);
    a.receive('c', [update('b:2')]);
    a.receive('c', [update('c:2')]);
    expect(a.replica.pending.size).toBe(2);
    a.receive('d', [update('d:2', { changes: [leave('c')] })]);
    expect(a.replica.pending.size).toBe(0);
  });

  it('has its updates forgotten also where they become deliverable together with its removal', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { after: { c: 1 } })]);
    a.receive('c', [update('c:2', { after: { c: 1 }, changes: [leave('b')] })]);
    a.receive('c', [update('c:1')]);
    expect(a.replica.clock).toEqual(vector({ c: 2 }));
    // Nor does it say that it holds them: else nobody would bring them again.
    const [answer] = only([...a.receive('c', []), ...a.persistAll()], 'answer').slice(-1);
    expect(answer?.answer.received).toEqual(vector());
  });

  it('has its updates taken from members that have them', () => {
    const a = new StepDriver();
    a.receive('c', [update('c:1', { changes: [leave('b')] })]);
    a.receive('c', [update('b:1')]);
    expect(a.replica.clock).toEqual(vector({ b: 1, c: 1 }));
  });
});

describe('what a replica that left has in all', () => {
  /** `a`, which has removed `c`; all have `c:1` and `c:2`, and `b` says what it has. */
  function removing(heard: Readonly<Record<string, number>>): StepDriver {
    const a = new StepDriver();
    hear(a, {});
    a.receive('c', [update('c:1'), update('c:2')]);
    a.remove('c');
    a.persistAll();
    a.receive('b', [], vector(heard));
    a.tick(a.nowMs + 200);
    a.persistAll();
    return a;
  }

  it('is settled when all members have delivered its leaving and the same number of its updates', () => {
    const a = removing({ a: 1, c: 2 });
    expect(changesOf(a, 'a:2')).toEqual([close('c', 2)]);
    expect(a.replica.membership.get(id('c'))?.final).toBe(2);
  });

  it.each([
    ['one has not delivered its leaving', { c: 2 }],
    ['one lacks some of its updates, which another one has to bring', { a: 1, c: 1 }],
    ['one has something that this replica has not: that may be a new member', { a: 1, c: 2, b: 1 }],
  ])('is not settled while %s', (_, heard) => {
    expect(changesOf(removing(heard), 'a:2')).toBeUndefined();
  });

  it('is not settled while another one that left may be bringing more of them', () => {
    const a = new StepDriver({ members: ['a', 'b', 'c', 'd'] });
    hear(a, {});
    a.remove('c');
    a.persistAll();
    a.receive('b', [], vector({ a: 1 }));
    a.remove('d');
    a.persistAll();
    a.tick(a.nowMs + 200);
    expect(changesOf(a, 'a:3')).toBeUndefined();
    a.receive('b', [], vector({ a: 2 }));
    a.tick(a.nowMs + 200);
    expect(changesOf(a, 'a:3')).toEqual([close('c', 0), close('d', 0)]);
  });

  it('is settled by the first of the members, and by it once', () => {
    const b = new StepDriver({ self: 'b' });
    b.remove('c');
    b.persistAll();
    b.receive('a', [], vector({ b: 1 }));
    b.tick(b.nowMs + 200);
    expect(b.history.updates).toHaveLength(1);
    const a = removing({ a: 1, c: 2 });
    a.tick(a.nowMs + 200);
    a.tick(a.nowMs + 200);
    expect(a.history.updates.filter(({ dot: { replica } }) => replica === id('a'))).toHaveLength(2);
  });

  it('need not be named any more when all members know it', () => {
    const a = removing({ a: 1, c: 2 });
    expect(a.replica.shownClock).toEqual(vector({ a: 2, c: 2 }));
    a.receive('b', [], vector({ a: 2, c: 2 }));
    a.tick(a.nowMs + 200);
    expect(a.replica.isShed(id('c'))).toBe(true);
    expect([a.replica.shownClock, a.replica.shownDurable]).toEqual([vector({ a: 2 }), vector({ a: 2 })]);
    expect(a.replica.clock).toEqual(vector({ a: 2, c: 2 }));
    const [answer] = only(a.receive('b', []), 'answer');
    expect(answer?.answer.clock).toEqual(vector({ a: 2 }));
  });

  it('is replaced all the same by a write that has seen it without naming it', () => {
    const a = removing({ a: 1, c: 2 });
    a.receive('b', [], vector({ a: 2, c: 2 }));
    a.tick(a.nowMs + 200);
    expect(a.keys.dotsAt('k')).toEqual(['c:2']);
    a.writeDurably([put('k', 'new'), put('other', '1')]);
    expect(a.keys.dotsAt('k')).toEqual(['a:3']);
    a.writeDurably([put('other', '2')]);
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector());
  });

  it('is replaced by a write of a session, whose token does not name it either', () => {
    const a = removing({ a: 1, c: 2 });
    a.receive('b', [], vector({ a: 2, c: 2 }));
    a.tick(a.nowMs + 200);
    a.write([put('k', 'new')], vector({ a: 1 }));
    a.persistAll();
    expect(a.keys.dotsAt('k')).toEqual(['a:3']);
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector({ c: 2 }));
  });

  it('is not named by writes any more either, also if it was by one in between', () => {
    const a = removing({ a: 1, c: 2 });
    a.writeDurably([put('z', '1')]);
    a.receive('b', [], vector({ a: 3, c: 2 }));
    a.tick(a.nowMs + 200);
    expect(a.replica.isShed(id('c'))).toBe(true);
    a.writeDurably([put('z', '2')]);
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector());
  });

  it('makes requests fail that wait for more, for that is lost', () => {
    const a = new StepDriver();
    hear(a, {});
    a.remove('c');
    a.persistAll();
    a.await(vector({ c: 1 }));
    const waiting = a.lastNumber;
    const lost = { code: 'KVC_E_DEPS_LOST', facts: { lost: [{ node: 'c', counter: 1 }] } };
    a.receive('b', [], vector({ a: 1 }));
    a.tick(a.nowMs + 200);
    expect(only(a.persistAll(), 'failed')).toMatchObject([{ request: waiting, error: lost }]);
    expect(only(a.write(write, vector({ c: 1 })), 'failed')).toMatchObject([{ error: lost }]);
    expect(a.replica.waitingRequests).toBe(0);
  });

  it('leaves no bytes of writes counted that failed for that', () => {
    const a = new StepDriver({ limits: { writeBytesMax: 4 } });
    const lost = [{ error: { code: 'KVC_E_DEPS_LOST' } }];
    a.write([put('x', '1234')], vector({ c: 1 }));
    const settling = [update('b:1', { changes: [leave('c')] }), update('b:2', { changes: [close('c', 0)] })];
    expect(only(a.receive('b', settling), 'failed')).toMatchObject(lost);
    expect(only(a.write([put('x', '1234')], vector({ c: 1 })), 'failed')).toMatchObject(lost);
    expect(only(a.write([put('y', '1')]), 'failed')).toEqual([]);
  });
});
