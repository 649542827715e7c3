import { describe, expect, it } from 'vitest';
import { dot, id, put, vector } from '../../support/builders.js';
import { nothingDelivered, only, StepDriver } from '../../support/stepDriver.js';

let lastRequest = 1000;

function leave(a: StepDriver, deadlineMs = a.nowMs + 5000) {
  lastRequest += 1;
  return [...a.step({ kind: 'leave', request: lastRequest, deadlineMs }), ...a.persistAll()];
}

/** A replica that wrote, and left in vain: nobody could be told. */
function leftInVain(): StepDriver {
  const a = new StepDriver();
  a.writeDurably([put('x', '1')]);
  leave(a);
  a.tick(a.nowMs + 6000);
  return a;
}

describe('a replica that leaves', () => {
  it('is answered when another one has its leaving, and so all of its updates', () => {
    const a = new StepDriver();
    a.writeDurably([put('x', '1')]);
    expect(only(leave(a), 'written')).toEqual([]);
    expect(only(a.answered('b', vector({ a: 2 })), 'written')).toMatchObject([{ dot: dot('a:2') }]);
  });

  it('waits for the same update when it is asked again, and makes no other', () => {
    const a = leftInVain();
    const appended = a.history.appended;
    expect(only(leave(a), 'failed')).toEqual([]);
    expect(a.history.appended).toBe(appended);
    const answered = a.answered('b', vector({ a: 2 }));
    expect(only(answered, 'written')).toEqual([{ kind: 'written', request: lastRequest, dot: dot('a:2') }]);
  });

  it('takes no writes any more', () => {
    expect(only(leftInVain().write([put('x', '2')]), 'failed')).toMatchObject([
      { error: { code: 'KVC_E_REMOVED' } },
    ]);
  });

  it('goes on after a restart until another one has all of its updates, and when asked again until it is ended', () => {
    const a = new StepDriver({ history: leftInVain().history.updates });
    a.tick();
    const shipped = only(a.answered('b', vector()), 'ship');
    expect(shipped).toMatchObject([{ peer: id('b'), first: 1, last: 2 }]);
    expect(only(leave(a), 'halt')).toEqual([]);
    const fenced = a.step({ kind: 'fenced', peer: id('b') });
    expect(only(fenced, 'written')).toMatchObject([{ dot: dot('a:2') }]);
    expect(only(fenced, 'halt')).toEqual([]);
  });

  it('goes on likewise from a checkpoint that has its leaving', () => {
    const before = leftInVain();
    const a = new StepDriver({ facts: { ...nothingDelivered, ...before.replica.facts() } });
    expect(only(a.tick(), 'halt')).toEqual([]);
    expect(only(a.step({ kind: 'fenced', peer: id('b') }), 'halt')).toHaveLength(1);
  });

  it('stops at once where it was another one that removed it', () => {
    const facts = leftInVain().replica.facts();
    const members = facts.members.map((member) =>
      member.replica === 'a' ? { ...member, leftBy: dot('b:1') } : member,
    );
    const a = new StepDriver({ facts: { ...facts, members } });
    expect(only(a.tick(), 'halt')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
  });
});
