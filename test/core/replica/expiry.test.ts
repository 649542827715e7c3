import { describe, expect, it } from 'vitest';
import { emptyVector } from '../../../src/core/clock/versionVector.js';
import type { Operation } from '../../../src/core/update.js';
import { dot, put, update, valueOf } from '../../support/builders.js';
import { StepDriver } from '../../support/stepDriver.js';

function putUntil(expiresMs: number): Operation {
  return { ...(put('x', '1') as Extract<Operation, { kind: 'put' }>), expiresMs };
}

function expiries(driver: StepDriver): Operation[] {
  return driver.history.updates
    .flatMap(({ operations }) => operations)
    .filter(({ kind }) => kind === 'expire');
}

describe('a value that expires', () => {
  it('is made to by its origin when its time has come, not before, and once', () => {
    const a = new StepDriver();
    a.writeDurably([putUntil(1500)]);
    expect(a.replica.wakeAtMs()).toBeLessThanOrEqual(1500);
    a.tick(1499);
    expect(expiries(a)).toEqual([]);
    a.tick(1500);
    expect(expiries(a)).toEqual([{ kind: 'expire', key: 'x', dot: dot('a:1') }]);
    a.tick(1600);
    a.persistAll();
    a.tick(5000);
    expect(expiries(a)).toHaveLength(1);
    expect(valueOf(a.keys.get('x')?.[0])).toBeNull();
  });

  it('is left to its origin while that is heard, and to those before this one in rank when it is silent', () => {
    const made = ['b', 'c'].map((self) => {
      const node = new StepDriver({ self });
      node.receive('a', [update('a:1', { at: 1, do: [putUntil(1500)] })]);
      node.persistAll();
      for (let nowMs = 1500; nowMs <= 3500; nowMs += 250) {
        node.receive('a', [], emptyVector);
        node.tick(nowMs);
      }
      expect(expiries(node)).toEqual([]);
      for (let nowMs = 3500; nowMs <= 12_000; nowMs += 50) {
        node.tick(nowMs);
        if (expiries(node).length > 0) return nowMs;
      }
      return Infinity;
    });
    expect(made[0]).toBeGreaterThan(6000);
    expect(made[0]).toBeLessThanOrEqual(made[1] ?? 0);
    expect(made[1]).toBeLessThan(9000);
  });

  it('is found by a search after a restart', () => {
    const a = new StepDriver();
    a.writeDurably([putUntil(1500)]);
    const facts = a.replica.facts();
    const again = new StepDriver({ facts, keys: a.keys.versions });
    expect(again.replica.needsSearch).toBe(true);
    again.replica.beginSearch();
    again.nowMs = 2000;
    again.step({ kind: 'found', keys: ['x'] });
    expect(expiries(again)).toHaveLength(1);
  });

  it('is not made to by a replica that leaves', () => {
    const a = new StepDriver();
    a.writeDurably([putUntil(1500)]);
    a.leave();
    a.tick(2000);
    expect(expiries(a)).toEqual([]);
  });

  it('stays where it was replaced in time', () => {
    const a = new StepDriver();
    a.writeDurably([putUntil(1500)]);
    a.writeDurably([put('x', '2')]);
    a.tick(2000);
    expect(expiries(a)).toEqual([]);
  });
});
