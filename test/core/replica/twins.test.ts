import { describe, expect, it } from 'vitest';
import { timestampAt } from '../../../src/core/clock/hybridClock.js';
import type { Update } from '../../../src/core/update.js';
import { isEcho } from '../../../src/core/versions.js';
import { dot, put, textOf, update, vector, valueOf } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';

const request = '0000000001000-r.0';
const write = [put('x', '1')];

/** A replica that receives these updates in turn; how a key looks afterwards, with all dots of each version. */
function keyAfter(key: string, ...updates: readonly Update[]): string[] {
  const d = new StepDriver({ self: 'd', members: ['a', 'b', 'c', 'd'] });
  for (const each of updates) d.receive(each.dot.replica, [each]);
  expect(d.replica.pending.size).toBe(0);
  return (d.keys.get(key) ?? []).map((version) => {
    const { dot: first, aliases } = version;
    const dots = [first, ...(aliases ?? [])].map(({ replica, counter }) => `${replica}:${counter}`);
    return `${dots.join('~')}=${isEcho(version) ? 'echo' : (textOf(valueOf(version)) ?? 'deleted')}`;
  });
}

it('a request id is refused while a timestamp of the cluster is ahead of it by more than it is good for; a write without one is not', () => {
  const a = new StepDriver({ limits: { requestIdsMs: 1000 } });
  a.nowMs = 1_700_000_000_000;
  const failures = () => only(a.writeAs(write, { requestId: `${a.nowMs}-r${a.lastNumber}.0` }), 'failed');
  a.receive('b', [update('b:1', { at: timestampAt(a.nowMs + 1000) })]);
  expect(failures()).toEqual([]);
  a.receive('b', [update('b:2', { at: timestampAt(a.nowMs + 1001) })]);
  expect(failures()).toMatchObject([{ error: { code: 'KVC_E_REQUEST_EXPIRED', facts: { age_ms: 1001 } } }]);
  expect(only(a.write(write), 'failed')).toEqual([]);
  a.nowMs += 1;
  expect(failures()).toEqual([]);
});

describe('a write that is sent again to the same replica', () => {
  it('while it is on its way to the disk waits for it, and is answered with it', () => {
    const a = new StepDriver();
    a.writeAs(write, { requestId: request });
    a.writeAs(write, { requestId: request });
    expect(a.history.updates).toHaveLength(1);
    expect(only(a.persistAll(), 'written')).toEqual([
      { kind: 'written', request: 1, dot: dot('a:1') },
      { kind: 'written', request: 2, dot: dot('a:1') },
    ]);
  });

  it('after it was delivered is answered with the same dot', () => {
    const a = new StepDriver();
    a.writeAs(write, { requestId: request });
    a.persistAll();
    expect(only(a.writeAs(write, { requestId: request }), 'written')).toEqual([
      { kind: 'written', request: 2, dot: dot('a:1') },
    ]);
    expect(a.history.updates).toHaveLength(1);
  });

  it('after it was overwritten does not bring it back', () => {
    const a = new StepDriver();
    a.writeAs(write, { requestId: request });
    a.writeDurably([put('x', '2')]);
    a.writeAs(write, { requestId: request });
    a.persistAll();
    expect(a.keys.dotsAt('x')).toEqual(['a:2']);
  });

  it('after a restart is known for what it is', () => {
    const before = new StepDriver();
    before.writeAs(write, { requestId: request });
    const after = new StepDriver({ history: before.history.updates });
    expect(only(after.writeAs(write, { requestId: request }), 'written')).toMatchObject([
      { dot: dot('a:1') },
    ]);
  });

  it('does not count against the bytes that may wait', () => {
    const a = new StepDriver({ limits: { writeBytesMax: 4 } });
    a.writeAs([put('x', '123')], { requestId: request });
    a.persistAll();
    a.writeAs([put('x', '123')], { requestId: request });
    expect(only(a.write([put('y', '1')]), 'failed')).toEqual([]);
  });

  it('too late is not taken, for whether it happened is forgotten', () => {
    const a = new StepDriver({ limits: { requestIdsMs: 100 } });
    a.nowMs += 101;
    expect(only(a.writeAs(write, { requestId: request }), 'failed')).toMatchObject([
      { error: { code: 'KVC_E_REQUEST_EXPIRED' } },
    ]);
    expect(a.history.updates).toEqual([]);
  });
});

describe('a write that is sent again to another replica', () => {
  it('that has delivered it is answered with its dot, once that is durable there', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { request, do: write })]);
    expect(only(a.writeAs(write, { requestId: request }), 'written')).toEqual([]);
    expect(only(a.persistAll(), 'written')).toEqual([{ kind: 'written', request: 2, dot: dot('b:1') }]);
    expect(a.history.updates).toHaveLength(1);
  });

  const [atA, atB] = [
    update('a:1', { request, at: 5, do: write }),
    update('b:1', { request, at: 7, do: write }),
  ];

  it('that has not is one version under two dots, whichever comes first', () => {
    expect(keyAfter('x', atA, atB)).toEqual(['b:1~a:1=1']);
    expect(keyAfter('x', atB, atA)).toEqual(['b:1~a:1=1']);
  });

  it('is replaced by whoever has seen it under one of the dots, and leaves an echo under the other', () => {
    const seen = update('c:1', { after: { a: 1 }, at: 9, do: [put('x', '2')] });
    expect(keyAfter('x', atA, atB, seen)).toEqual(['c:1=2', 'b:1=echo']);
    expect(keyAfter('x', atB, atA, seen)).toEqual(['c:1=2', 'b:1=echo']);
    expect(keyAfter('x', atA, seen, atB)).toEqual(['c:1=2', 'b:1=echo']);
    const both = update('c:2', { after: { b: 1 }, at: 10, do: [put('x', '3')] });
    expect(keyAfter('x', atA, seen, atB, both)).toEqual(['c:2=3']);
  });

  it('replaces what it has seen at either replica', () => {
    const [before, later] = [
      update('c:1', { at: 1, do: [put('x', '0')] }),
      update('b:1', { request, after: { c: 1 }, at: 7, do: write }),
    ];
    expect(keyAfter('x', before, atA, later)).toEqual(['b:1~a:1=1']);
    expect(keyAfter('x', before, later, atA)).toEqual(['b:1~a:1=1']);
  });

  it('leaves siblings alone that neither has seen', () => {
    const sibling = update('c:1', { at: 6, do: [put('x', '3')] });
    expect(keyAfter('x', atA, sibling, atB)).toEqual(['b:1~a:1=1', 'c:1=3']);
    expect(keyAfter('x', sibling, atB, atA)).toEqual(['b:1~a:1=1', 'c:1=3']);
  });

  it('keeps the order of its operations at every key, also where it has several at one', () => {
    const batch = [put('x', 'first'), put('y', '1'), put('x', 'last')];
    const [one, two] = [
      update('a:1', { request, at: 5, do: batch }),
      update('b:1', { request, at: 7, do: batch }),
    ];
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      expect(keyAfter('x', ...order)).toEqual(['b:1~a:1=last']);
      expect(keyAfter('y', ...order)).toEqual(['b:1~a:1=1']);
    }
  });

  it('that has two of the dots when it is overwritten at one key stays one at the others', () => {
    const batch = [put('x', '1'), put('y', '1')];
    const [one, two] = [
      update('a:1', { request, at: 5, do: batch }),
      update('b:1', { request, at: 7, do: batch }),
    ];
    const over = update('c:1', { after: { a: 1 }, at: 9, do: [put('x', '2')] });
    expect(keyAfter('x', one, over, two)).toEqual(['c:1=2', 'b:1=echo']);
    expect(keyAfter('y', one, over, two)).toEqual(['b:1~a:1=1']);
  });
});

it('a session that saw one of the dots replaces the write', () => {
  const a = new StepDriver();
  a.writeAs(write, { requestId: request });
  a.persistAll();
  a.receive('b', [update('b:1', { request, at: 10 ** 10, do: write })]);
  a.writeDurably([put('x', '2')], vector({ b: 1 }));
  expect(a.keys.dotsAt('x')).toEqual(['a:2']);
});
