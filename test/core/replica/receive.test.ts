import { describe, expect, it } from 'vitest';
import type { LinkAnswer } from '../../../src/core/link.js';
import type { Effect } from '../../../src/core/step.js';
import { dot, id, join, leave, put, update, vector } from '../../support/builders.js';
import { only, shipment, StepDriver } from '../../support/stepDriver.js';

function answerOf(has: Partial<Pick<LinkAnswer, 'clock' | 'received' | 'refused'>>): LinkAnswer {
  return { from: id('a'), clock: vector(), received: vector(), refused: 0, unreached: [], ...has };
}

function answerIn(effects: readonly Effect[]): LinkAnswer | undefined {
  return only(effects, 'answer')[0]?.answer;
}

describe('a received update', () => {
  it('is visible at once, and answered only when it is durable', () => {
    const a = new StepDriver();
    const effects = a.receive('b', [update('b:1')]);
    expect(a.keys.dotsAt('k')).toEqual(['b:1']);
    expect(only(effects, 'persist')).toEqual([{ kind: 'persist', sequence: 1, own: 0 }]);
    expect(answerIn(effects)).toBeUndefined();
    expect(a.replica.durable).toEqual(vector());
    expect(answerIn(a.persistAll())).toEqual(answerOf({ clock: vector({ b: 1 }) }));
  });

  it('that is pending is answered at once as held, but not as durable', () => {
    const a = new StepDriver();
    const answer = answerIn(a.receive('c', [update('c:1', { after: { b: 1 } }), update('c:2')]));
    expect(answer).toEqual(answerOf({ received: vector({ c: 2 }) }));
  });

  it('that is pending behind a gap is not held as far as the sender can know', () => {
    const a = new StepDriver();
    expect(answerIn(a.receive('c', [update('c:2')]))?.received).toEqual(vector());
  });

  it('is acknowledged to its sender when a dependency from another sender frees it and the disk has it', () => {
    const a = new StepDriver();
    a.receive('c', [update('c:1', { after: { b: 1 } })]);
    a.receive('b', [update('b:1')]);
    expect(a.history.updates.map((each) => each.dot)).toEqual([dot('b:1'), dot('c:1')]);
    a.persistAll();
    expect(answerIn(a.receive('c', []))?.clock).toEqual(vector({ b: 1, c: 1 }));
  });

  it('twice changes nothing the second time, whether delivered or pending', () => {
    const a = new StepDriver();
    const updates = [update('b:1'), update('b:3')];
    a.receive('b', updates);
    a.persistAll();
    const before = [...a.keys.versions];
    expect(answerIn(a.receive('b', updates))).toEqual(answerOf({ clock: vector({ b: 1 }) }));
    expect([...a.keys.versions]).toEqual(before);
    expect(a.history.updates).toHaveLength(1);
    expect(a.replica.pending.size).toBe(1);
  });

  it('again before the first is durable is not acknowledged early', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1')]);
    expect(answerIn(a.receive('b', [update('b:1')]))).toBeUndefined();
    expect(only(a.persistAll(), 'answer')).toHaveLength(2);
  });

  it('of a third replica is taken from whoever brings it', () => {
    const a = new StepDriver();
    a.receive('b', [update('c:1')]);
    expect(a.replica.clock).toEqual(vector({ c: 1 }));
  });

  it("that is this replica's own comes back without effect", () => {
    const a = new StepDriver();
    a.writeDurably([put('k', 'v')]);
    const own = a.history.updates[0];
    a.receive('b', own === undefined ? [] : [own]);
    expect(a.history.updates).toHaveLength(1);
  });

  it('is refused, and counted, when it would have to wait and the buffer is full', () => {
    const a = new StepDriver({ limits: { pendingMax: 1 } });
    const answer = answerIn(a.receive('b', [update('b:2'), update('b:3'), update('b:4')]));
    expect(answer).toEqual(answerOf({ refused: 2 }));
  });
});

describe('a message that is not right', () => {
  const good = update('b:2', { do: [put('x', 'good')] });

  it.each([
    ['from an unknown replica', 'KVC_E_NODE_UNKNOWN', 'ghost', [update('ghost:1')]],
    ['with an update of nobody', 'KVC_E_NODE_UNKNOWN', 'b', [good, update('ghost:1')]],
    ['with the dot of a delivered update', 'KVC_E_DOT_REUSED', 'b', [good, update('b:1', { at: 2 })]],
    ['with the dot of a pending update', 'KVC_E_DOT_REUSED', 'c', [good, update('c:5', { at: 2 })]],
    ['with an own dot that was never issued', 'KVC_E_DOT_REUSED', 'b', [good, update('a:9')]],
    ['with other content for an own dot', 'KVC_E_DOT_REUSED', 'b', [good, update('a:1', { at: 2 })]],
  ] as const)('%s is refused with %s and changes nothing', (_, code, from, updates) => {
    const a = new StepDriver();
    a.writeDurably([put('own', '1')]);
    a.receive('b', [update('b:1')]);
    a.receive('c', [update('c:5')]);
    a.persistAll();
    const before = [...a.keys.versions];
    const effects = a.receive(from, updates, vector({ a: 7 }));
    expect(only(effects, 'refuse')).toMatchObject([{ message: a.lastNumber, error: { code } }]);
    expect(only(effects, 'answer')).toEqual([]);
    expect([...a.keys.versions]).toEqual(before);
    expect(a.replica.clock).toEqual(vector({ a: 1, b: 1 }));
    expect(a.replica.pending.size).toBe(1);
    expect(only(a.writeDurably([put('own', '2')]), 'written')).toHaveLength(1);
  });
});

it('takes updates of replicas of which it has not heard yet: they joined, and that is still under way', () => {
  const a = new StepDriver();
  const effects = a.receive('b', [update('d:1', { after: { c: 1 } })], vector({ d: 1 }));
  expect(answerIn(effects)).toBeDefined();
  expect(a.replica.pending.get(dot('d:1'))?.missing).toEqual(dot('c:1'));
});

describe('a message from a replica that is not known yet', () => {
  it('is answered, so that the sender knows what to bring', () => {
    const a = new StepDriver();
    expect(answerIn(a.receive('d', [], vector({ d: 1 })))).toEqual(answerOf({}));
  });

  it('brings what it has of members, for nobody else may be left whom this replica knows', () => {
    const a = new StepDriver();
    a.receive('d', [update('b:1', { changes: [join('d')] })]);
    expect(a.replica.membership.isMember(id('d'))).toBe(true);
  });

  it('brings nothing of a replica that left', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { changes: [leave('c')] })]);
    const effects = [...a.receive('d', [update('c:1')]), ...a.persistAll()];
    expect(only(effects, 'refuse')).toMatchObject([{ error: { code: 'KVC_E_NODE_UNKNOWN' } }]);
    expect(a.replica.clock).toEqual(vector({ b: 1 }));
  });

  it('may offer a snapshot, but its claims about this replica count for nothing', () => {
    const a = new StepDriver();
    const effects = a.receive('d', [update('d:1')], vector({ a: 9 }), { offersSnapshot: true });
    expect(only(effects, 'behind')).toEqual([{ kind: 'behind', peer: 'd' }]);
    expect(only(effects, 'halt')).toEqual([]);
  });
});

it('hears from the sender what that has, and ships the rest', () => {
  const a = new StepDriver({ history: [update('a:1'), update('a:2')] });
  const effects = a.receive('b', [], vector({ a: 1 }));
  expect(only(effects, 'ship')).toContainEqual(shipment('b', 2, 2));
});
