import { describe, expect, it } from 'vitest';
import { Replica } from '../../../src/core/replica.js';
import { dot, id, put, update, vector } from '../../support/builders.js';
import { TestHistory, TestKeyspace, TestRequests } from '../../support/memoryState.js';
import { nothingDelivered, only, shipment, StepDriver } from '../../support/stepDriver.js';

/** A replica with own and remote updates, some pending, some not yet durable. */
function busyReplica(): StepDriver {
  const a = new StepDriver();
  a.writeDurably([put('x', '1')]);
  a.receive('b', [update('b:1', { at: 2, do: [put('x', '2'), put('y', '2')] })]);
  a.writeDurably([put('y', '3')], vector({ a: 1 }));
  a.receive('c', [update('c:2')]);
  return a;
}

describe('recovery', () => {
  it('rebuilds from the log what was delivered, and all of it counts as durable', () => {
    const before = busyReplica();
    const after = new StepDriver({ history: before.history.updates });
    expect(after.keys.versions).toEqual(before.keys.versions);
    expect(after.replica.facts()).toEqual(before.replica.facts());
    expect(after.replica.durable).toEqual(vector({ a: 2, b: 1 }));
    expect(after.replica.pending.size).toBe(0);
  });

  it('does not give a dot again that is in the log, also if its write was never acknowledged', () => {
    const before = busyReplica();
    before.write([put('x', 'not acknowledged')]);
    const after = new StepDriver({ history: before.history.updates });
    expect(only(after.writeDurably([put('x', 'next')]), 'written')).toMatchObject([{ dot: dot('a:4') }]);
  });

  it('may give a dot again that the crash lost, for it never left the replica', () => {
    const before = busyReplica();
    const durable = before.history.appended;
    before.write([put('x', 'lost')]);
    const after = new StepDriver({ history: before.history.durablePart(durable).updates });
    expect(only(after.writeDurably([put('x', 'next')]), 'written')).toMatchObject([{ dot: dot('a:3') }]);
  });

  it('goes on from a checkpoint of the keys, and is not set back by replaying what that holds already', () => {
    const before = busyReplica();
    const keys = new TestKeyspace(before.keys.versions);
    const after = new Replica(
      { self: id('a'), founders: ['a', 'b', 'c'].map(id), delivery: 'causal', random: () => 0.5 },
      { keys, requests: new TestRequests(), history: new TestHistory() },
      before.replica.facts(),
    );
    const [first] = before.history.updates;
    if (first !== undefined) after.replay(first);
    expect(after.durable).toEqual(vector({ a: 2, b: 1 }));
    expect(keys.versions).toEqual(before.keys.versions);
  });

  it('has timestamps go on above those of before', () => {
    const before = busyReplica();
    const after = new StepDriver({ history: before.history.updates });
    after.nowMs = 0;
    after.writeDurably([put('x', '4')]);
    const [last, previous] = [after.history.updates.at(-1), before.history.updates.at(-1)];
    expect(last?.timestamp).toBeGreaterThan(previous?.timestamp ?? Infinity);
  });

  it('asks its peers what they have before it ships', () => {
    const after = new StepDriver({ history: busyReplica().history.updates });
    expect(only(after.tick(), 'ship')).toEqual([shipment('b', 1, 0), shipment('c', 1, 0)]);
    expect(only(after.answered('b', vector({ a: 1 })), 'ship')).toEqual([shipment('b', 2, 2)]);
  });

  it('starts from nothing in a replica that was never used', () => {
    const { members, ...facts } = new StepDriver().replica.facts();
    expect({ ...facts, members: [] }).toEqual(nothingDelivered);
    expect(members.map(({ replica }) => replica)).toEqual(['a', 'b', 'c']);
  });
});
