import { describe, expect, it } from 'vitest';
import { Replica } from '../../src/core/replica.js';
import { id, put, update, vector } from '../support/builders.js';
import { TestHistory, TestKeyspace, TestRequests } from '../support/memoryState.js';
import { nothingDelivered, StepDriver } from '../support/stepDriver.js';

describe('a vector that is shown', () => {
  it('does not change when more is delivered; the next one has it', () => {
    const a = new StepDriver();
    const before = { clock: a.replica.shownClock, durable: a.replica.shownDurable };
    a.writeDurably([put('x', '1')]);
    expect(before).toEqual({ clock: vector(), durable: vector() });
    const after = { clock: a.replica.shownClock, durable: a.replica.shownDurable };
    expect(after).toEqual({ clock: vector({ a: 1 }), durable: vector({ a: 1 }) });
  });

  it('is the same one as long as nothing is delivered', () => {
    const a = new StepDriver();
    a.writeDurably([put('x', '1')]);
    const { shownClock } = a.replica;
    a.write([put('x', '2')]);
    expect(a.replica.shownClock).toBe(shownClock);
  });

  it('has no entry for nothing, which links could not tell from one that is gone', () => {
    const a = new StepDriver();
    a.leave();
    expect([...a.replica.shownDurable]).toEqual([]);
  });

  it('has what a replay delivers', () => {
    const history = new TestHistory({ updates: [update('a:1'), update('b:1')], start: vector() });
    const replica = new Replica(
      { self: id('a'), founders: ['a', 'b'].map(id), delivery: 'causal', random: () => 0.5 },
      { keys: new TestKeyspace(), requests: new TestRequests(), history },
      nothingDelivered,
    );
    expect(replica.shownClock).toEqual(vector());
    for (const each of history.updates) replica.replay(each);
    expect(replica.shownClock).toEqual(vector({ a: 1, b: 1 }));
  });
});

it('own writes share what they depend on until an update of another replica is delivered', () => {
  const a = new StepDriver();
  a.receive('b', [update('b:1')]);
  a.writeDurably([put('x', '1')]);
  a.writeDurably([put('x', '2')]);
  a.receive('b', [update('b:2')]);
  a.writeDurably([put('x', '3')]);
  const own = a.history.updates.filter(({ dot }) => dot.replica === 'a').map((each) => each.dependencies);
  expect(own).toEqual([vector({ b: 1 }), vector({ b: 1 }), vector({ b: 2 })]);
  expect(own[1]).toBe(own[0]);
});
