import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { counterOf } from '../../src/core/clock/versionVector.js';
import { DurabilityWaits, type Durability, type DurabilityWait } from '../../src/core/durabilityWaits.js';
import type { RequestName } from '../../src/core/step.js';
import { dot, id, vector } from '../support/builders.js';

/** What a few replicas have, `a` being the one that waits. */
function at(...vectors: readonly Readonly<Record<string, number>>[]): Durability {
  const counters = (replica: string) => vectors.map((each) => counterOf(vector(each), id(replica)));
  return {
    ownAt: (replicas) => counters('a').sort((left, right) => right - left)[replicas - 1] ?? 0,
    countOf: ({ replica, counter }) => counters(replica).filter((each) => each >= counter).length,
  };
}

function waitsFor(...waits: readonly (readonly [string, number, number?])[]): DurabilityWaits {
  const all = new DurabilityWaits(id('a'));
  waits.forEach(([name, replicas, deadlineMs = 100], request) => {
    all.add({ request, dot: dot(name), replicas, deadlineMs });
  });
  return all;
}

function requestsOf(waits: readonly DurabilityWait[]): RequestName[] {
  return waits.map(({ request }) => request);
}

describe('writes that wait for copies', () => {
  it('are done when so many replicas have them, and not before', () => {
    const waits = waitsFor(['a:1', 2], ['a:2', 2], ['a:2', 3]);
    expect(requestsOf(waits.settle(at({ a: 2 }, {}, {})))).toEqual([]);
    expect(requestsOf(waits.settle(at({ a: 2 }, { a: 1 }, {})))).toEqual([0]);
    expect(requestsOf(waits.settle(at({ a: 2 }, { a: 2 }, { a: 1 })))).toEqual([1]);
    expect(requestsOf(waits.settle(at({ a: 2 }, { a: 2 }, { a: 2 })))).toEqual([2]);
    expect(waits.size).toBe(0);
  });

  it('may be retries of older ones, which do not wait for the newer', () => {
    const waits = waitsFor(['a:9', 2], ['a:3', 2]);
    expect(requestsOf(waits.settle(at({ a: 9 }, { a: 3 })))).toEqual([1]);
  });

  it('may be retries of what another replica had accepted', () => {
    const waits = waitsFor(['b:4', 2]);
    expect(requestsOf(waits.settle(at({}, { b: 4 })))).toEqual([]);
    expect(requestsOf(waits.settle(at({ b: 4 }, { b: 4 })))).toEqual([0]);
  });

  it('expire at their deadline, and are not done afterwards', () => {
    const waits = waitsFor(['a:1', 2, 100], ['b:1', 2, 100], ['a:2', 2, 200]);
    expect(waits.expire(99)).toEqual([]);
    expect(requestsOf(waits.expire(100))).toEqual([0, 1]);
    expect(waits.earliestDeadlineMs).toBe(200);
    expect(requestsOf(waits.settle(at({ a: 2, b: 1 }, { a: 2, b: 1 })))).toEqual([2]);
  });

  it('are forgotten when cancelled, and only those', () => {
    const waits = waitsFor(['a:1', 2], ['b:1', 2], ['a:2', 2], ['a:3', 2]);
    for (const request of [0, 1, 2, 9]) waits.cancel(request);
    expect(waits.size).toBe(1);
    expect(requestsOf(waits.settle(at({ a: 3, b: 1 }, { a: 3, b: 1 })))).toEqual([3]);
    expect(waits.expire(1000)).toEqual([]);
  });

  it('are not kept behind one that waits longer once they are cancelled', async () => {
    const waits = waitsFor(['a:1', 2, 1e6]);
    const cancelled = Array.from({ length: 1000 }, (_, count) => {
      const wait = { request: count + 1, dot: dot(`a:${count + 2}`), replicas: 2, deadlineMs: 1e6 };
      waits.add(wait);
      waits.cancel(wait.request);
      return new WeakRef(wait);
    });
    await setImmediate();
    collectGarbage();
    expect(cancelled.filter((wait) => wait.deref() !== undefined).length).toBeLessThan(10);
  });

  it('are not kept behind one that waits longer once they have expired', async () => {
    const waits = waitsFor(['a:1', 2, 1e6]);
    const expired = Array.from({ length: 1000 }, (_, count) => {
      const wait = { request: count + 1, dot: dot(`a:${count + 2}`), replicas: 2, deadlineMs: count };
      waits.add(wait);
      expect(waits.expire(count)).toHaveLength(1);
      return new WeakRef(wait);
    });
    // What a weak reference was made of is kept until the end of the turn.
    await setImmediate();
    collectGarbage();
    expect(expired.filter((wait) => wait.deref() !== undefined).length).toBeLessThan(10);
    expect(requestsOf(waits.settle(at({ a: 1001 }, { a: 1001 })))).toEqual([0]);
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
