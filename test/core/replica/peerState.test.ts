import { describe, expect, it } from 'vitest';
import { id, leave, put, update, vector } from '../../support/builders.js';
import { StepDriver } from '../../support/stepDriver.js';

describe('the state of a peer', () => {
  const facts = (a: StepDriver) => a.replica.facts();

  it('is taken from members', () => {
    const a = new StepDriver();
    expect(a.replica.refusalOfState(id('b'), facts(new StepDriver({ self: 'b' })))).toBeUndefined();
  });

  it('is not taken from one that has left, or by one that has left', () => {
    const a = new StepDriver();
    const b = new StepDriver({ self: 'b' });
    a.receive('b', [update('b:1', { changes: [leave('c')] })]);
    expect(a.replica.refusalOfState(id('c'), facts(b))).toMatchObject({
      code: 'KVC_E_REMOVED',
      facts: { replica: 'c' },
    });
    b.receive('c', [update('c:1', { changes: [leave('a')] })]);
    expect(a.replica.refusalOfState(id('b'), facts(b))).toMatchObject({ facts: { replica: 'a' } });
  });

  it('is taken from one that is not known here, unless that has more of one that left', () => {
    const a = new StepDriver();
    const d = new StepDriver({ self: 'd' });
    d.receive('b', [update('b:1')]);
    expect(a.replica.refusalOfState(id('d'), facts(d))).toBeUndefined();
    a.receive('c', [update('c:1', { changes: [leave('b')] })]);
    expect(a.replica.refusalOfState(id('d'), facts(d))).toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
  });

  it('is taken by one that leaves, from whoever has its leaving', () => {
    const a = new StepDriver();
    a.leave();
    a.persistAll();
    const b = new StepDriver({ self: 'b' });
    b.receive('a', a.history.updates);
    a.replica.noteHandedOut(vector({ a: 1 }));
    expect(a.replica.refusalOfState(id('b'), facts(b))).toBeUndefined();
  });

  it('is taken from a member also where that has more of one that left', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { changes: [leave('c')] })]);
    const b = new StepDriver({ self: 'b' });
    b.receive('c', [update('c:1')]);
    expect(a.replica.refusalOfState(id('b'), facts(b))).toBeUndefined();
  });

  it('is not taken if it has own updates that this replica has never given away: its history was set back', () => {
    const a = new StepDriver();
    const b = new StepDriver({ self: 'b' });
    b.receive('a', [update('a:1')]);
    expect(a.replica.refusalOfState(id('b'), facts(b))).toMatchObject({ code: 'KVC_E_DATA_LOST' });
    const other = new StepDriver();
    other.writeDurably([put('x', '1')]);
    other.replica.noteHandedOut(vector({ a: 1 }));
    expect(other.replica.refusalOfState(id('b'), facts(b))).toBeUndefined();
  });
});
