import { expect, it } from 'vitest';
import type { Operation } from '../../../src/core/update.js';
import { put, remove, update, vector } from '../../support/builders.js';
import { only, StepDriver } from '../../support/stepDriver.js';

const absent = { kind: 'absent' } as const;
const increment: Operation = { kind: 'increment', key: 'x', amount: 1 };

function codes(effects: Parameters<typeof only>[0]): string[] {
  return only(effects, 'failed').map(({ error }) => error.code);
}

it('of two creations at one node that wait for the disk together one succeeds', () => {
  const a = new StepDriver();
  a.writeAs([put('x', '1')], { condition: absent });
  expect(a.writeAs([put('x', '2')], { condition: absent }).map(({ kind }) => kind)).not.toContain('written');
  const effects = a.persistAll();
  expect(only(effects, 'written')).toHaveLength(1);
  expect(codes(effects)).toEqual(['KVC_E_CONDITION_FAILED']);
  expect(a.history.updates).toHaveLength(1);
});

it('a creation that is sent again is done, and not judged by what it made itself', () => {
  const a = new StepDriver();
  const parts = { condition: absent, requestId: '0000000001000-r.0' };
  a.writeAs([put('x', '1')], parts);
  a.persistAll();
  expect(only(a.writeAs([put('x', '1')], parts), 'written')).toHaveLength(1);
});

it('a key that was deleted can be created again', () => {
  const a = new StepDriver();
  a.writeDurably([put('x', '1')]);
  expect(codes(a.writeAs([put('x', '2')], { condition: absent }))).toEqual(['KVC_E_CONDITION_FAILED']);
  a.writeDurably([remove('x')]);
  a.writeAs([put('x', '2')], { condition: absent });
  expect(only(a.persistAll(), 'written')).toHaveLength(1);
});

it('a write that must have seen everything is refused where there is more, and done where there is not', () => {
  const a = new StepDriver();
  a.receive('b', [update('b:1', { do: [put('x', '1')] })]);
  const seen = { kind: 'seen', context: vector({ b: 1 }) } as const;
  a.receive('c', [update('c:1', { do: [put('x', '2')] })]);
  expect(codes(a.writeAs([put('x', '3')], { condition: seen }))).toEqual(['KVC_E_CONDITION_FAILED']);
  const both = { kind: 'seen', context: vector({ b: 1, c: 1 }) } as const;
  a.writeAs([put('x', '3')], { condition: both });
  expect(only(a.persistAll(), 'written')).toHaveLength(1);
  expect(a.keys.dotsAt('x')).toEqual(['a:1']);
});

it('an increment waits for a value that is on its way to the disk, and is refused then', () => {
  const a = new StepDriver();
  a.write([put('x', '1')]);
  expect(codes(a.write([increment]))).toEqual([]);
  expect(codes(a.persistAll())).toEqual(['KVC_E_TYPE_MISMATCH']);
  expect(a.history.updates).toHaveLength(1);
});

it('an increment of a session depends on what was forgotten before the last opening', () => {
  const facts = {
    clock: vector({ a: 1, b: 7, c: 2 }),
    timestamp: 9,
    liveKeys: 0,
    conflictedKeys: 0,
    members: [],
  };
  const a = new StepDriver({ facts });
  a.write([increment], vector({ c: 1 }));
  expect(a.history.updates[0]?.dependencies).toEqual(vector({ b: 7, c: 2 }));
});

it('a write is answered by the deadline that it came with, however many others it has to wait for', () => {
  const a = new StepDriver();
  const beganMs = a.nowMs;
  const seen = { kind: 'seen', context: vector({ a: 100 }) } as const;
  for (let number = 1; number <= 6; number += 1) {
    a.writeAs([put('x', String(number))], { condition: seen, deadlineMs: beganMs + 100 });
  }
  // Each becomes durable in time, and lets the next one go to the disk. A disk is given 5 s.
  for (let flush = 1; flush <= 2; flush += 1) {
    a.nowMs += 2000;
    expect(only(a.persistAll(), 'written')).toHaveLength(1);
  }
  a.nowMs = beganMs + 5000;
  const answers = a.step({ kind: 'tick' });
  expect(codes(answers).sort()).toEqual([
    'KVC_E_DEPS_TIMEOUT',
    'KVC_E_DEPS_TIMEOUT',
    'KVC_E_DEPS_TIMEOUT',
    'KVC_E_NOT_DURABLE',
  ]);
});
