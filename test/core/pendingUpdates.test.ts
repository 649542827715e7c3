import { describe, expect, it } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import { PendingUpdates } from '../../src/core/pendingUpdates.js';
import { dot, id, put, update } from '../support/builders.js';

function pendingOf(...names: string[]): PendingUpdates {
  const pending = new PendingUpdates();
  names.forEach((name, index) => {
    pending.add(update(name), dot('z:1'), index);
  });
  return pending;
}

describe('pending updates', () => {
  it('are found by dot, and listed with the oldest first', () => {
    const pending = pendingOf('b:2', 'a:3');
    expect(pending.get(dot('a:3'))).toMatchObject({ missing: dot('z:1'), sinceMs: 1 });
    expect(pending.get(dot('a:2'))).toBeUndefined();
    expect([...pending.values()].map((each) => formatDot(each.update.dot))).toEqual(['b:2', 'a:3']);
    expect(pending.size).toBe(2);
  });

  it('wait again for another dot, or go', () => {
    const pending = pendingOf('a:2', 'b:2');
    for (const woken of pending.wake(dot('z:1'))) {
      if (woken.update.dot.replica === id('a')) pending.waitFor(woken, dot('y:1'));
      else pending.remove(woken);
    }
    expect(pending.size).toBe(1);
    expect(pending.get(dot('b:2'))).toBeUndefined();
    expect(pending.get(dot('a:2'))?.missing).toEqual(dot('y:1'));
    expect([...pending.wake(dot('y:1'))]).toHaveLength(1);
  });

  it('know the bytes of keys and values that they hold', () => {
    const pending = new PendingUpdates();
    pending.add(update('a:2', { do: [put('key', 'value')] }), dot('z:1'), 0);
    expect(pending.bytes).toBe(8);
    for (const woken of pending.wake(dot('z:1'))) pending.remove(woken);
    expect(pending.bytes).toBe(0);
  });

  it('tell how far they continue an origin without a gap', () => {
    const pending = pendingOf('a:2', 'a:3', 'a:5', 'b:9');
    expect(pending.runAfter(id('a'), 0)).toBe(0);
    expect(pending.runAfter(id('a'), 1)).toBe(3);
    expect(pending.runAfter(id('b'), 0)).toBe(0);
    expect(pending.runAfter(id('c'), 4)).toBe(4);
  });

  it('extend a run when the gap behind it is filled', () => {
    const pending = pendingOf('a:2', 'a:4');
    expect(pending.runAfter(id('a'), 1)).toBe(2);
    pending.add(update('a:3'), dot('z:1'), 0);
    expect(pending.runAfter(id('a'), 1)).toBe(4);
  });
});
