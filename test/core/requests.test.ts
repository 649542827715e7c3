import { describe, expect, it } from 'vitest';
import { HybridClock, timestampAt } from '../../src/core/clock/hybridClock.js';
import { Requests } from '../../src/core/requests.js';
import { dot, vector } from '../support/builders.js';
import { TestRequests } from '../support/memoryState.js';

const madeAtMs = 1_700_000_000_000;

/** An id that a client made `laterMs` after the first. */
function idOf(laterMs = 0, rest = 'r'): string {
  return `${madeAtMs + laterMs}-${rest}.0`;
}

function setUp(limits: { requestIdsMax?: number; requestIdsMs?: number } = {}) {
  const table = new TestRequests();
  const clock = new HybridClock();
  const requests = new Requests(table, clock, { requestIdsMax: 10, requestIdsMs: 1000, ...limits });
  return { table, clock, requests };
}

describe('a request id', () => {
  it('is good for some time after it was made', () => {
    const { requests } = setUp();
    expect(requests.refusal(idOf(), madeAtMs + 1000)).toBeUndefined();
    expect(requests.refusal(idOf(), madeAtMs + 1001)).toMatchObject({
      code: 'KVC_E_REQUEST_EXPIRED',
      facts: { age_ms: 1001, good_for_ms: 1000 },
    });
  });

  it('is not good before it was made, as far as clocks differ by more than that', () => {
    const { requests } = setUp();
    expect(requests.refusal(idOf(1000), madeAtMs)).toBeUndefined();
    expect(requests.refusal(idOf(1001), madeAtMs)).toMatchObject({ code: 'KVC_E_REQUEST_EXPIRED' });
  });

  it('expires by the time of any replica that was heard, so that all agree on it', () => {
    const { requests, clock } = setUp();
    clock.observe(timestampAt(madeAtMs + 1001));
    expect(requests.refusal(idOf(), madeAtMs)).toMatchObject({ code: 'KVC_E_REQUEST_EXPIRED' });
  });

  it('is not taken where as many are remembered as may be', () => {
    const { requests, table } = setUp({ requestIdsMax: 1 });
    table.set(idOf(0, 'other'), [dot('a:1')]);
    expect(requests.refusal(idOf(), madeAtMs)).toMatchObject({ code: 'KVC_E_OVERLOADED' });
  });
});

describe('forgetting', () => {
  it('takes those that nobody accepts any more and of which no update is under way', () => {
    const { requests, table } = setUp();
    table.set(idOf(0), [dot('a:1'), dot('b:1')]);
    table.set(idOf(1), [dot('a:2'), dot('b:9')]);
    table.set(idOf(500), [dot('a:3')]);
    expect(requests.forget(vector({ a: 9, b: 1 }), madeAtMs + 1400)).toBe(false);
    expect([...table.dots.keys()]).toEqual([idOf(1), idOf(500)]);
  });

  it('keeps those that are just good enough', () => {
    const { requests, table } = setUp();
    table.set(idOf(0), [dot('a:1')]);
    requests.forget(vector({ a: 1 }), madeAtMs + 1000);
    expect(table.size).toBe(1);
    requests.forget(vector({ a: 1 }), madeAtMs + 1002);
    expect(table.size).toBe(0);
  });

  it('makes sure that a clock that was set back does not take for new what was forgotten', () => {
    const { requests, table } = setUp();
    table.set(idOf(0), [dot('a:1')]);
    requests.forget(vector({ a: 1 }), madeAtMs + 1400);
    expect(requests.refusal(idOf(0), madeAtMs)).toMatchObject({ code: 'KVC_E_REQUEST_EXPIRED' });
  });

  it('does not forget all at once', () => {
    const { requests, table } = setUp();
    for (let count = 0; count < 501; count += 1) table.set(idOf(0, `r${count}`), [dot('a:1')]);
    expect(requests.forget(vector({ a: 1 }), madeAtMs + 2000)).toBe(true);
    expect(table.size).toBe(1);
    expect(requests.forget(vector({ a: 1 }), madeAtMs + 2000)).toBe(false);
    expect(table.size).toBe(0);
  });
});
