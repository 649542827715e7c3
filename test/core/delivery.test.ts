import { describe, expect, it } from 'vitest';
import { formatDot } from '../../src/core/clock/dot.js';
import { timestampAt } from '../../src/core/clock/hybridClock.js';
import { Delivery, type DeliveryMode, type PendingLimits } from '../../src/core/delivery.js';
import type { Update } from '../../src/core/update.js';
import { dot, put, remove, update, vector } from '../support/builders.js';
import { TestKeyspace, TestRequests } from '../support/memoryState.js';
import { nothingDelivered } from '../support/stepDriver.js';

const roomy: PendingLimits = { pendingMax: 1000, pendingBytesMax: 1_000_000 };

function setUp(mode: DeliveryMode = 'causal', limits: Partial<PendingLimits> = {}) {
  const keys = new TestKeyspace();
  const options = { mode, limits: { ...roomy, ...limits }, founders: [] };
  const delivery = new Delivery(options, { keys, requests: new TestRequests() }, nothingDelivered);
  const offer = (offered: Update, nowMs = 0) => {
    const delivered: Update[] = [];
    const outcome = delivery.offer(offered, nowMs, delivered);
    return { outcome, delivered: delivered.map((each) => formatDot(each.dot)) };
  };
  return { keys, delivery, offer };
}

describe('causal delivery', () => {
  it('delivers at once what misses nothing', () => {
    const { offer, delivery } = setUp();
    expect(offer(update('a:1'))).toEqual({ outcome: 'delivered', delivered: ['a:1'] });
    expect(delivery.clock).toEqual(vector({ a: 1 }));
  });

  it("waits for its origin's previous update", () => {
    const { offer, delivery, keys } = setUp();
    expect(offer(update('a:2'))).toEqual({ outcome: 'pending', delivered: [] });
    expect(delivery.pending.get(dot('a:2'))?.missing).toEqual(dot('a:1'));
    expect(keys.get('k')).toBeUndefined();
    expect(offer(update('a:1')).delivered).toEqual(['a:1', 'a:2']);
  });

  it('waits for every dependency, one after the other', () => {
    const { offer, delivery } = setUp();
    offer(update('c:1', { after: { a: 1, b: 1 } }));
    expect(delivery.pending.get(dot('c:1'))?.missing).toEqual(dot('a:1'));
    expect(offer(update('a:1')).delivered).toEqual(['a:1']);
    expect(delivery.pending.get(dot('c:1'))?.missing).toEqual(dot('b:1'));
    expect(offer(update('b:1')).delivered).toEqual(['b:1', 'c:1']);
    expect(delivery.pending.size).toBe(0);
  });

  it('frees a whole chain by the update that all of it waited for', () => {
    const { offer } = setUp();
    offer(update('c:1', { after: { b: 1 } }));
    offer(update('b:1', { after: { a: 2 } }));
    offer(update('a:2'));
    expect(offer(update('a:1')).delivered).toEqual(['a:1', 'a:2', 'b:1', 'c:1']);
  });

  it('ignores what is delivered or pending already', () => {
    const { offer, delivery } = setUp();
    offer(update('a:1'));
    offer(update('a:3'));
    expect(offer(update('a:1'))).toEqual({ outcome: 'duplicate', delivered: [] });
    expect(offer(update('a:3'))).toEqual({ outcome: 'duplicate', delivered: [] });
    expect(delivery.pending.size).toBe(1);
  });

  it('applies the operations of a batch together', () => {
    const { offer, keys } = setUp();
    offer(update('a:1', { do: [put('x', '1'), put('y', '2')] }));
    expect([keys.dotsAt('x'), keys.dotsAt('y')]).toEqual([['a:1'], ['a:1']]);
  });
});

describe('a full pending buffer', () => {
  it('refuses what would have to wait, and still delivers what need not', () => {
    const { offer, delivery } = setUp('causal', { pendingMax: 1 });
    offer(update('a:2'));
    expect(offer(update('a:3')).outcome).toBe('refused');
    expect(delivery.pending.size).toBe(1);
    expect(offer(update('b:1')).outcome).toBe('delivered');
    expect(offer(update('a:1')).delivered).toEqual(['a:1', 'a:2']);
    expect(offer(update('a:3')).outcome).toBe('delivered');
  });

  it('is full by bytes as well', () => {
    const { offer } = setUp('causal', { pendingBytesMax: 20 });
    expect(offer(update('a:2', { do: [put('k', 'x'.repeat(19))] })).outcome).toBe('pending');
    expect(offer(update('a:3', { do: [remove('k')] })).outcome).toBe('refused');
  });
});

describe('fifo delivery', () => {
  it('ignores dependencies on other replicas, which is what it is there to show', () => {
    const { offer } = setUp('fifo');
    expect(offer(update('b:1', { after: { a: 1 } })).outcome).toBe('delivered');
  });

  it("still waits for its origin's previous update", () => {
    const { offer } = setUp('fifo');
    expect(offer(update('b:2')).outcome).toBe('pending');
    expect(offer(update('b:1')).delivered).toEqual(['b:1', 'b:2']);
  });
});

describe('the facts of what is delivered', () => {
  it('count the keys that have a value and those that have siblings', () => {
    const { offer, delivery } = setUp();
    offer(update('a:1', { at: 1, do: [put('x', '1'), put('y', '1'), put('y', '2')] }));
    expect(delivery.facts()).toMatchObject({ liveKeys: 2, conflictedKeys: 0 });
    offer(update('b:1', { at: 2, do: [put('x', '2')] }));
    expect(delivery.facts()).toMatchObject({ liveKeys: 2, conflictedKeys: 1 });
    offer(update('c:1', { at: 3, after: { a: 1, b: 1 }, do: [remove('x')] }));
    expect(delivery.facts()).toMatchObject({
      liveKeys: 1,
      conflictedKeys: 0,
      clock: vector({ a: 1, b: 1, c: 1 }),
    });
  });

  it('take a timestamp far ahead over, and report how far it was', () => {
    const { offer, delivery } = setUp();
    offer(update('a:1', { at: timestampAt(50_000) }), 0);
    expect(delivery.skewMs).toBe(0);
    offer(update('a:2', { at: timestampAt(90_000) }), 0);
    expect(delivery.skewMs).toBe(90_000);
    expect(delivery.hybridClock.next(0)).toBeGreaterThan(timestampAt(90_000));
  });

  it('are the same after replaying the log once or twice', () => {
    const log = [update('a:1'), update('b:1', { at: 2 }), update('a:2', { at: 3, after: { b: 1 } })];
    const live = setUp();
    const recovered = setUp();
    for (const each of log) live.offer(each);
    for (const each of [...log, ...log]) recovered.delivery.replay(each);
    expect(recovered.delivery.facts()).toEqual(live.delivery.facts());
    expect(recovered.keys.versions).toEqual(live.keys.versions);
  });
});
