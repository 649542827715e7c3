import { describe, expect, it } from 'vitest';
import { put, remove, update, vector } from '../../support/builders.js';
import { StepDriver } from '../../support/stepDriver.js';

const deleted = update('b:1', { at: 5, do: [remove('x')] });

/** Lets the replica look at what is stable, twice: a first moment is chosen and may be over with the next. */
function later(a: StepDriver): void {
  for (let count = 0; count < 2; count += 1) a.tick(a.nowMs + 200);
}

function allHave(a: StepDriver, clock: Readonly<Record<string, number>>): void {
  for (const peer of ['b', 'c']) a.receive(peer, [], vector(clock));
  later(a);
}

describe('a deleted key', () => {
  it('is forgotten when every member has the delete', () => {
    const a = new StepDriver();
    a.receive('b', [deleted]);
    a.persistAll();
    later(a);
    expect(a.keys.size).toBe(1);
    allHave(a, { b: 1 });
    expect(a.keys.size).toBe(0);
    expect(a.replica.facts()).toMatchObject({ liveKeys: 0, conflictedKeys: 0 });
  });

  it('is not forgotten while a value that is older than the delete may be on its way', () => {
    const a = new StepDriver();
    a.receive('b', [deleted]);
    a.persistAll();
    allHave(a, { b: 1, c: 1 });
    expect(a.keys.dotsAt('x')).toEqual(['b:1']);
    a.receive('c', [update('c:1', { at: 3, do: [put('x', 'old')] })]);
    a.persistAll();
    allHave(a, { b: 1, c: 1 });
    expect(a.keys.dotsAt('x')).toEqual(['b:1', 'c:1']);
  });

  it('is forgotten although a newer value comes back to it: that wins with and without the delete', () => {
    const a = new StepDriver();
    a.receive('b', [deleted]);
    a.receive('c', [update('c:1', { at: 9, do: [put('x', 'new')] })]);
    a.persistAll();
    expect(a.keys.dotsAt('x')).toEqual(['c:1', 'b:1']);
    allHave(a, { b: 1, c: 1 });
    expect(a.keys.dotsAt('x')).toEqual(['c:1']);
    expect(a.replica.facts()).toMatchObject({ liveKeys: 1, conflictedKeys: 0 });
  });

  it('is forgotten when what it has hidden is replaced', () => {
    const a = new StepDriver();
    a.receive('b', [deleted]);
    a.receive('c', [update('c:1', { at: 3, do: [put('x', 'old')] })]);
    a.persistAll();
    allHave(a, { b: 1, c: 1 });
    a.receive('c', [update('c:2', { at: 9, do: [put('x', 'new')] })]);
    a.persistAll();
    allHave(a, { b: 1, c: 2 });
    expect(a.keys.dotsAt('x')).toEqual(['c:2']);
  });

  it.each([
    ['alone at its key', [deleted], []],
    ['beside a value that wins', [deleted, update('c:1', { at: 7, do: [put('x', 'new')] })], ['c:1']],
  ] as const)('is found by a search where the store has it from before, %s', (_, updates, left) => {
    const before = new StepDriver();
    for (const each of updates) before.receive(each.dot.replica, [each]);
    before.persistAll();
    const a = new StepDriver({ facts: before.replica.facts(), keys: before.keys.versions });
    expect(a.replica.needsSearch).toBe(true);
    a.replica.beginSearch();
    expect(a.replica.needsSearch).toBe(false);
    // Nothing is known of the others yet, so it cannot be forgotten now; and it is not forgotten to do it later.
    a.step({ kind: 'found', keys: ['x', 'nothing here'] });
    later(a);
    expect(a.keys.dotsAt('x')).toContain('b:1');
    allHave(a, left.length > 0 ? { b: 1, c: 1 } : { b: 1 });
    expect(a.keys.dotsAt('x')).toEqual(left);
  });

  it('is forgotten among many others soon, but a part of them at a time and without another look at what is stable', () => {
    const a = new StepDriver();
    const keys = Array.from({ length: 501 }, (_, index) => `x${index}`);
    a.receive('b', [update('b:1', { do: keys.map(remove) })]);
    a.persistAll();
    allHave(a, {});
    for (const peer of ['b', 'c']) a.receive(peer, [], vector({ b: 1 }));
    while (a.keys.size === 501) a.tick(a.nowMs + 200);
    expect(a.keys.size).toBe(1);
    expect(a.replica.wakeAtMs()).toBe(a.nowMs + 1);
    a.receive('b', [update('b:2')]);
    a.persistAll();
    for (const peer of ['b', 'c']) a.receive(peer, [], vector({ b: 2 }));
    a.tick(a.nowMs + 1);
    expect(a.keys.dotsAt('x500')).toEqual([]);
    expect(a.replica.stable).toEqual(vector({ b: 1 }));
  });

  it('needs no search in a store that is empty', () => {
    expect(new StepDriver().replica.needsSearch).toBe(false);
  });
});

it('a request id is forgotten when nobody takes it any more and every member has its write', () => {
  const a = new StepDriver({ limits: { requestIdsMs: 1000 } });
  a.nowMs = 1_700_000_000_000;
  allHave(a, {});
  a.writeAs([put('x', '1')], { requestId: '1700000000000-r.0' });
  a.persistAll();
  a.nowMs += 2000;
  later(a);
  expect(a.requests.size).toBe(1);
  allHave(a, { a: 1 });
  expect(a.requests.size).toBe(0);
});

it('a request id is not forgotten while an update may be under way that was made before all had its write', () => {
  const a = new StepDriver({ limits: { requestIdsMs: 1000 } });
  a.nowMs = 1_700_000_000_000;
  a.receive('b', [update('b:1', { request: '1700000000000-r.0' })]);
  a.persistAll();
  a.nowMs += 2000;
  allHave(a, { b: 1, c: 1 });
  expect(a.replica.stable).toEqual(vector({ b: 1 }));
  expect(a.requests.size).toBe(1);
  a.receive('c', [update('c:1')]);
  a.persistAll();
  allHave(a, { b: 1, c: 1 });
  expect(a.requests.size).toBe(0);
});

it('what is stable is what every member has made durable', () => {
  const a = new StepDriver();
  allHave(a, {});
  a.writeDurably([put('x', '1')]);
  a.receive('b', [], vector({ a: 1 }));
  later(a);
  expect(a.replica.stable).toEqual(vector());
  a.receive('c', [], vector({ a: 1 }));
  later(a);
  expect(a.replica.stable).toEqual(vector({ a: 1 }));
});

it('what is stable is durable also at a member to which there is no link: what this node was before it lost its data', () => {
  const a = new StepDriver({ self: 'a.x1', members: ['a', 'a.x1', 'b'] });
  a.receive('b', [update('b:1')], vector({ b: 1 }));
  // Not yet that the former one leaves, which comes behind it.
  a.step({ kind: 'persisted', sequence: 1 });
  a.tick(a.nowMs + 200);
  expect(a.replica.durable).toEqual(vector({ b: 1 }));
  expect(a.replica.stable).toEqual(vector());
});
