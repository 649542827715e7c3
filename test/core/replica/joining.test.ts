import { describe, expect, it } from 'vitest';
import { unreachedAfterMs } from '../../../src/core/reachability.js';
import { dot, id, join, leave, put, update, vector } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';
import { changesOf, hear } from './memberSteps.js';

const write = [put('x', '1')];

describe('a replica that is to join', () => {
  it('is admitted when another one has that as well: else it would be unknown if this one lost its data', () => {
    const a = new StepDriver();
    hear(a, {});
    a.admit('d');
    const request = a.lastNumber;
    const effects = a.persistAll();
    expect(only(effects, 'written')).toEqual([]);
    expect(a.replica.membership.isMember(id('d'))).toBe(true);
    expect(only(a.answered('b', vector({ a: 1 })), 'written')).toEqual([
      { kind: 'written', request, dot: dot('a:1') },
    ]);
  });

  it('is admitted by one that is alone, but for what it replaces', () => {
    const a = new StepDriver({ members: ['a', 'b'] });
    a.admit('b.x1');
    expect(only(a.persistAll(), 'written')).toHaveLength(1);
  });

  it('is not admitted by one that reaches no other member: that may have missed all that there is to know', () => {
    const a = new StepDriver();
    expect(only(a.admit('d'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_NOT_READY' } }]);
    expect(a.history.updates).toEqual([]);
    a.receive('b', []);
    expect(only(a.admit('d'), 'failed')).toEqual([]);
    a.unanswered('b');
    a.tick(a.nowMs + unreachedAfterMs);
    expect(only(a.admit('e'), 'failed')).toHaveLength(1);
  });

  it('is not admitted by one whom no other member knows yet', () => {
    const a = new StepDriver();
    a.tick();
    a.answered('b', vector());
    a.unknown('b');
    a.answered('b', vector());
    expect(only(a.admit('d'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_NOT_READY' } }]);
    a.writeDurably([put('k', '1')]);
    a.answered('b', vector({ a: 1 }));
    expect(only(a.admit('d'), 'failed')).toEqual([]);
  });

  it('is admitted by the only one that has kept its data, although others that wait for the same cannot know of it', () => {
    const a = new StepDriver();
    expect(only(a.admit('b.x1'), 'failed')).toHaveLength(1);
    a.admit('c.x1');
    expect(only(a.persistAll(), 'written')).toHaveLength(1);
    a.receive('c.x1', []);
    a.admit('b.x1');
    expect(only(a.persistAll(), 'written')).toEqual([]);
    expect(only(a.receive('c.x1', [], vector({ a: 2 })), 'written')).toHaveLength(1);
  });

  it('has to be heard of by one that was refused here and admitted elsewhere since, under another id', () => {
    const a = new StepDriver();
    expect(only(a.admit('c.x1'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_NOT_READY' } }]);
    a.receive('b', [update('b:1', { changes: [leave('c'), join('c.x2')] })]);
    expect(only(a.admit('b.x1'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_NOT_READY' } }]);
    a.receive('c.x2', [], vector({ b: 1 }));
    a.admit('b.x1');
    expect(only(a.persistAll(), 'written')).toEqual([]);
    expect(only(a.receive('c.x2', [], vector({ a: 1, b: 1 })), 'written')).toHaveLength(1);
  });

  it('has to be heard of by those that were admitted before it, although they have not been heard yet', () => {
    const a = new StepDriver({ members: ['a', 'b'] });
    a.admit('b.x1');
    a.persistAll();
    expect(only(a.admit('c'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_NOT_READY' } }]);
  });

  it('takes the place of what its node was before', () => {
    const a = new StepDriver();
    hear(a, {});
    a.admit('b.x1');
    a.persistAll();
    expect(changesOf(a, 'a:1')).toEqual([leave('b'), join('b.x1')]);
    a.admit('b.x1');
    a.persistAll();
    expect(changesOf(a, 'a:2')).toEqual([join('b.x1')]);
    expect(a.replica.membership.current).toEqual(['a', 'b.x1', 'c']);
  });

  it('is not admitted again once it has left', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { changes: [leave('d')] })]);
    expect(only(a.admit('d'), 'failed')).toMatchObject([{ error: { code: 'KVC_E_REMOVED' } }]);
  });

  /** `d`, which starts from the state of `a` after that has admitted it. */
  function joined(): StepDriver {
    const a = new StepDriver({ members: ['a'] });
    a.admit('d');
    a.persistAll();
    return new StepDriver({ self: 'd', address: 'at d', facts: a.replica.facts() });
  }

  it('first says itself that it joined, and all that it writes comes after that', () => {
    const d = joined();
    d.write(write, vector());
    d.persistAll();
    expect(d.history.updates.map((each) => [each.dot, each.dependencies])).toEqual([
      [dot('d:1'), vector({ a: 1 })],
      [dot('d:2'), vector()],
    ]);
    expect(changesOf(d, 'd:1')).toEqual([join('d')]);
    expect(d.replica.durable).toEqual(vector({ a: 1, d: 2 }));
  });

  it('does not say so before it knows of it', () => {
    const d = new StepDriver({ self: 'd', address: 'at d' });
    d.tick();
    expect(d.history.updates).toEqual([]);
  });

  it('says so once', () => {
    const d = joined();
    d.tick();
    d.persistAll();
    d.tick(d.nowMs + 1000);
    const again = new StepDriver({
      self: 'd',
      address: 'at d',
      facts: d.replica.facts(),
    });
    again.tick();
    expect([d.history.updates.length, again.history.updates.length]).toEqual([1, 0]);
  });

  it('has the one that its node was before leave, if nobody has done that', () => {
    const a = new StepDriver({ members: ['a', 'd'] });
    a.receive('a', []);
    const facts = new StepDriver({ members: ['a', 'd'] }).replica.facts();
    const [self] = new StepDriver({ members: ['d.x1'] }).replica.facts().members;
    const members = [...facts.members, { ...self!, address: 'at d' }];
    const d = new StepDriver({ self: 'd.x1', address: 'at d', facts: { ...facts, members } });
    d.tick();
    d.persistAll();
    expect(changesOf(d, 'd.x1:2')).toEqual([leave('d')]);
    d.tick(d.nowMs + 1000);
    expect(d.history.updates).toHaveLength(2);
  });

  it('does not call its own node under the name of what that was before', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { changes: [join('a.old')] })]);
    const [...links] = a.replica.links;
    expect(links.map(({ replica }) => replica)).toEqual(['b', 'c']);
  });
});
