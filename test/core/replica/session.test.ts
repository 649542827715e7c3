import { describe, expect, it } from 'vitest';
import { dot, put, update, vector } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';

const write = [put('x', '1')];

describe('a request with a context', () => {
  it('is served at once where the context is delivered', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1')]);
    expect(only(a.await(vector({ b: 1 })), 'ready')).toEqual([{ kind: 'ready', request: a.lastNumber }]);
    expect(a.replica.waitingRequests).toBe(0);
  });

  it('waits until the last dot of it is delivered', () => {
    const a = new StepDriver();
    expect(only(a.await(vector({ b: 1, c: 1 })), 'ready')).toEqual([]);
    const request = a.lastNumber;
    expect(only(a.receive('b', [update('b:1')]), 'ready')).toEqual([]);
    expect(only(a.receive('c', [update('c:1')]), 'ready')).toEqual([{ kind: 'ready', request }]);
  });

  it('that writes gets its dot when the context is delivered', () => {
    const a = new StepDriver();
    a.write(write, vector({ b: 1 }));
    const request = a.lastNumber;
    expect(a.history.updates).toHaveLength(0);
    a.receive('b', [update('b:1')]);
    expect(only(a.persistAll(), 'written')).toEqual([{ kind: 'written', request, dot: dot('a:1') }]);
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector({ b: 1 }));
  });

  it('that writes comes after all of its context in the log, so that no crash can leave it alone there', () => {
    const a = new StepDriver();
    a.write(write, vector({ b: 1, c: 1 }));
    a.receive('c', [update('c:1', { after: { b: 1 } })]);
    a.receive('b', [update('b:1')]);
    expect(a.history.updates.map((each) => each.dot)).toEqual([dot('b:1'), dot('c:1'), dot('a:1')]);
  });

  it('that writes comes after all of its context in the log also when an own write frees it', () => {
    const a = new StepDriver();
    a.write(write);
    a.write(write, vector({ a: 1, c: 1 }));
    a.receive('c', [update('c:1', { after: { a: 1 } })]);
    a.persistAll();
    expect(a.history.updates.map((each) => each.dot)).toEqual([dot('a:1'), dot('c:1'), dot('a:2')]);
  });

  it('fails at its deadline with KVC_E_DEPS_TIMEOUT, naming every dot that is missing', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1')]);
    a.await(vector({ b: 3, c: 1 }), a.nowMs + 100);
    const request = a.lastNumber;
    expect(a.replica.wakeAtMs()).toBeLessThanOrEqual(a.nowMs + 100);
    expect(only(a.tick(a.nowMs + 99), 'failed')).toEqual([]);
    const [failed] = only(a.tick(a.nowMs + 1), 'failed');
    expect(failed).toMatchObject({
      request,
      error: {
        code: 'KVC_E_DEPS_TIMEOUT',
        facts: {
          missing: [
            { node: 'b', counter: 3 },
            { node: 'c', counter: 1 },
          ],
        },
      },
    });
    expect(failed?.error.message).toContain('b:3, c:1');
  });

  it('that writes never writes once it has failed', () => {
    const a = new StepDriver();
    a.write(write, vector({ b: 1 }), a.nowMs + 10);
    a.tick(a.nowMs + 10);
    a.receive('b', [update('b:1')]);
    expect(a.history.updates.map((each) => each.dot)).toEqual([dot('b:1')]);
  });

  it('whose deadline has passed already fails in the same step', () => {
    const a = new StepDriver();
    expect(only(a.await(vector({ b: 1 }), a.nowMs), 'failed')).toHaveLength(1);
    expect(a.replica.waitingRequests).toBe(0);
  });

  it('is forgotten when its client is gone', () => {
    const a = new StepDriver();
    a.write(write, vector({ b: 1 }));
    a.step({ kind: 'cancel', request: a.lastNumber });
    const effects = a.receive('b', [update('b:1')]);
    expect(only([...effects, ...a.persistAll()], 'written')).toEqual([]);
    expect(a.replica.waitingRequests).toBe(0);
  });

  it('does not undo a write that is accepted when its client is gone', () => {
    const a = new StepDriver();
    a.write(write);
    a.step({ kind: 'cancel', request: a.lastNumber });
    a.persistAll();
    expect(a.replica.clock).toEqual(vector({ a: 1 }));
  });

  it('fails with KVC_E_OVERLOADED where as many wait as may', () => {
    const a = new StepDriver({ limits: { waitingMax: 1 } });
    a.await(vector({ b: 1 }));
    expect(only(a.write(write, vector({ b: 1 })), 'failed')).toMatchObject([
      { error: { code: 'KVC_E_OVERLOADED' } },
    ]);
    expect(only(a.await(vector()), 'ready')).toHaveLength(1);
  });
});
