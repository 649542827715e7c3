import { describe, expect, it } from 'vitest';
import { close, dot, id, leave, put, update, vector } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';

const write = [put('x', '1')];
const request = '0000000001000-r.0';

describe('a write that is to be at several replicas', () => {
  it('is visible and shipped as soon as it is durable here, and answered when so many have it', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeAs(write, { replicas: 2 });
    const persisted = a.persistAll();
    expect(a.keys.dotsAt('x')).toEqual(['a:1']);
    expect(only(persisted, 'ship')).toMatchObject([{ peer: 'b', first: 1, last: 1 }]);
    expect(only(persisted, 'written')).toEqual([]);
    expect(only(a.answered('b', vector({ a: 1 })), 'written')).toEqual([
      { kind: 'written', request: 2, dot: dot('a:1') },
    ]);
  });

  it('that nobody waits for any more leaves room for others, and stays', () => {
    const a = new StepDriver({ limits: { unpersistedMax: 1 } });
    a.receive('b', []);
    a.write(write);
    a.persistAll();
    a.step({ kind: 'confirm', request: 900, dot: dot('a:1'), replicas: 2, deadlineMs: a.nowMs + 10_000 });
    a.step({ kind: 'cancel', request: 900 });
    expect(only(a.write(write), 'failed')).toEqual([]);
    expect(only(a.answered('b', vector({ a: 1 })), 'written')).toEqual([]);
    expect(a.keys.dotsAt('x')).toEqual(['a:1']);
  });

  it('counts what a peer says in a message of its own', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeAs(write, { replicas: 2 });
    a.persistAll();
    expect(only(a.receive('b', [], vector({ a: 1 })), 'written')).toMatchObject([{ dot: dot('a:1') }]);
  });

  it('is not at a peer for the reason that this does not listen', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeAs(write, { replicas: 2 });
    a.persistAll();
    expect(only(a.fenced('b'), 'written')).toEqual([]);
  });

  it('is said to be nowhere before it is durable here', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1')], vector({ b: 1 }));
    expect(a.replica.nodesWith(dot('b:1'))).toEqual([]);
    a.persistAll();
    expect(a.replica.nodesWith(dot('b:1'))).toEqual([id('a'), id('b')]);
  });

  it('fails at its deadline with KVC_E_NOT_DURABLE, naming the write and who has it', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeAs(write, { replicas: 3, deadlineMs: a.nowMs + 100 });
    a.persistAll();
    a.answered('b', vector({ a: 1 }));
    expect(a.replica.wakeAtMs()).toBeLessThanOrEqual(a.nowMs + 100);
    expect(only(a.tick(a.nowMs + 100), 'failed')).toMatchObject([
      {
        request: 2,
        error: {
          code: 'KVC_E_NOT_DURABLE',
          facts: { dot: { node: 'a', counter: 1 }, replicas: 3, durable_at: ['a', 'b'] },
        },
      },
    ]);
    expect(only(a.answered('c', vector({ a: 1 })), 'written')).toEqual([]);
  });

  it('fails also while the disk has it not, but not before that has had 5 s, and stays accepted', () => {
    const a = new StepDriver();
    a.writeAs(write, { deadlineMs: a.nowMs + 100 });
    expect(only(a.tick(a.nowMs + 4999), 'failed')).toEqual([]);
    expect(only(a.tick(a.nowMs + 1), 'failed')).toMatchObject([
      { error: { code: 'KVC_E_NOT_DURABLE', facts: { replicas: 1, durable_at: [] } } },
    ]);
    expect(only(a.persistAll(), 'written')).toEqual([]);
    expect(a.keys.dotsAt('x')).toEqual(['a:1']);
  });

  it('is not taken where the cluster has not so many', () => {
    const a = new StepDriver();
    expect(only(a.writeAs(write, { replicas: 4 }), 'failed')).toMatchObject([
      { error: { code: 'KVC_E_STATE_CONFLICT', facts: { replicas: 4, members: 3 } } },
    ]);
    expect(a.history.updates).toEqual([]);
  });

  it('counts as one that waits, which are limited', () => {
    const a = new StepDriver({ limits: { unpersistedMax: 1 } });
    a.writeAs(write, { replicas: 2 });
    a.persistAll();
    expect(only(a.write(write), 'failed')).toMatchObject([{ error: { code: 'KVC_E_OVERLOADED' } }]);
  });
});

describe('a retry that is to be at several replicas', () => {
  it('waits for the write that was accepted before', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeAs(write, { requestId: request });
    a.persistAll();
    expect(only(a.writeAs(write, { requestId: request, replicas: 2 }), 'written')).toEqual([]);
    expect(only(a.answered('b', vector({ a: 1 })), 'written')).toMatchObject([{ request: 3 }]);
  });

  it('waits on for a write that the disk has not, although the first request for it has failed', () => {
    const a = new StepDriver();
    a.writeAs(write, { requestId: request });
    a.writeAs(write, { requestId: request, deadlineMs: a.nowMs + 6000 });
    expect(only(a.tick(a.nowMs + 5000), 'failed')).toMatchObject([{ request: 1 }]);
    expect(a.replica.wakeAtMs()).toBeLessThanOrEqual(a.nowMs + 1000);
    expect(only(a.persistAll(), 'written')).toEqual([{ kind: 'written', request: 2, dot: dot('a:1') }]);
  });

  it('may be one of a write that another replica accepted', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { request, do: write })]);
    a.writeAs(write, { requestId: request, replicas: 2 });
    expect(only(a.persistAll(), 'written')).toEqual([]);
    expect(only(a.receive('b', [], vector({ b: 1 })), 'written')).toMatchObject([{ dot: dot('b:1') }]);
  });

  it('of a write of one that left and is settled is done at once: every member has it', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { changes: [leave('c')] }), update('b:2', { changes: [close('c', 1)] })]);
    const stable = new StepDriver({
      facts: {
        ...a.replica.facts(),
        clock: vector({ b: 2, c: 1 }),
        members: a.replica.facts().members,
      },
    });
    stable.requests.set(request, [dot('c:1')]);
    stable.receive('b', [], vector({ b: 2 }));
    const effects = stable.writeAs(write, { requestId: request, replicas: 2 });
    expect(only(effects, 'written')).toMatchObject([{ dot: dot('c:1') }]);
    expect(stable.replica.nodesWith(dot('c:1'))).toEqual([id('a'), id('b')]);
  });
});
