import { describe, expect, it } from 'vitest';
import { SessionWaiters } from '../../src/core/sessionWaiters.js';
import { dot, vector } from '../support/builders.js';

describe('session waiters', () => {
  it('are woken when the clock covers their whole context, not at the first dot of it', () => {
    const waiters = new SessionWaiters<string>();
    waiters.add(1, vector({ a: 1, b: 1 }), dot('a:1'), 100, 'request');
    expect(waiters.wake(dot('a:1'), vector({ a: 1 }))).toEqual([]);
    expect(waiters.wake(dot('b:1'), vector({ a: 1, b: 1 }))).toEqual(['request']);
    expect(waiters.size).toBe(0);
  });

  it('expire at their deadline, not before, and say what they waited for', () => {
    const waiters = new SessionWaiters<string>();
    waiters.add(1, vector({ a: 1 }), dot('a:1'), 100, 'early');
    waiters.add(2, vector({ a: 1 }), dot('a:1'), 200, 'late');
    expect(waiters.expire(99)).toEqual([]);
    expect(waiters.expire(100).map(({ request }) => request)).toEqual([1]);
    expect(waiters.earliestDeadlineMs).toBe(200);
    expect(waiters.wake(dot('a:1'), vector({ a: 1 }))).toEqual(['late']);
  });

  it('move the earliest deadline on when it passes, so that a driver does not wake in vain for ever', () => {
    const waiters = new SessionWaiters<string>();
    waiters.add(1, vector({ a: 1 }), dot('a:1'), 100, 'served');
    waiters.wake(dot('a:1'), vector({ a: 1 }));
    waiters.expire(100);
    expect(waiters.earliestDeadlineMs).toBe(Infinity);
  });

  it('are forgotten when cancelled', () => {
    const waiters = new SessionWaiters<string>();
    waiters.add(1, vector({ a: 1 }), dot('a:1'), 100, 'gone');
    waiters.cancel(1);
    waiters.cancel(2);
    expect(waiters.size).toBe(0);
    expect(waiters.wake(dot('a:1'), vector({ a: 1 }))).toEqual([]);
    expect(waiters.expire(100)).toEqual([]);
  });

  it('are taken out by what they wait for', () => {
    const waiters = new SessionWaiters<string>();
    waiters.add(1, vector({ a: 9 }), dot('a:9'), 100, 'in vain');
    waiters.add(2, vector({ a: 1 }), dot('a:1'), 100, 'with reason');
    const taken = waiters.takeWhere((context) => context.get(dot('a:9').replica) === 9);
    expect(taken).toMatchObject([{ request: 1, context: vector({ a: 9 }), item: 'in vain' }]);
    expect(waiters.wake(dot('a:1'), vector({ a: 9 }))).toEqual(['with reason']);
    expect(waiters.size).toBe(0);
  });
});
