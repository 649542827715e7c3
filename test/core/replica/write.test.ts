import { describe, expect, it } from 'vitest';
import { KvcError } from '../../../src/errors.js';
import type { Effect } from '../../../src/core/step.js';
import { dot, put, remove, update, vector } from '../../support/builders.js';
import { only, shipment, StepDriver } from '../../support/stepDriver.js';

const write = [put('x', '1')];

describe('an own write', () => {
  it('is given to the disk first: nothing is acknowledged, shipped or visible before it is durable', () => {
    const a = new StepDriver();
    a.receive('b', []);
    const effects = a.write(write);
    expect(effects).toEqual([{ kind: 'persist', sequence: 1, own: 1 }]);
    expect(a.keys.get('x')).toBeUndefined();
    expect(a.replica.clock).toEqual(vector());
  });

  it('is acknowledged, shipped and visible once it is durable', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.write(write);
    const effects = a.persistAll();
    expect(only(effects, 'written')).toEqual([{ kind: 'written', request: a.lastNumber, dot: dot('a:1') }]);
    expect(only(effects, 'ship')).toEqual([shipment('b', 1, 1)]);
    expect(a.keys.dotsAt('x')).toEqual(['a:1']);
    expect(a.replica.durable).toEqual(vector({ a: 1 }));
  });

  it('becomes visible in the order of its dots, as far as the disk has come', () => {
    const a = new StepDriver();
    for (const key of ['x', 'y', 'z']) a.write([put(key, '')]);
    const effects = a.step({ kind: 'persisted', sequence: 2 });
    expect(only(effects, 'written').map((each) => each.dot)).toEqual([dot('a:1'), dot('a:2')]);
    expect(a.keys.get('z')).toBeUndefined();
    expect(only(a.step({ kind: 'persisted', sequence: 1 }), 'written')).toEqual([]);
  });

  it('is one update however many keys it has', () => {
    const a = new StepDriver();
    a.writeDurably([put('x', '1'), remove('y')]);
    expect(a.history.updates).toHaveLength(1);
    expect([a.keys.dotsAt('x'), a.keys.dotsAt('y')]).toEqual([['a:1'], ['a:1']]);
  });

  it('without a session depends on all that is delivered, and not on what is pending', () => {
    const a = new StepDriver();
    a.writeDurably(write);
    a.receive('b', [update('b:1'), update('b:2')]);
    a.receive('c', [update('c:2')]);
    a.writeDurably(write);
    expect(a.history.updates.at(-1)).toMatchObject({ dot: dot('a:2'), dependencies: vector({ b: 2 }) });
  });

  it('in a session depends on exactly what the session has observed', () => {
    const a = new StepDriver();
    a.writeDurably(write);
    a.receive('b', [update('b:1'), update('b:2')]);
    a.writeDurably(write, vector({ a: 1, b: 1 }));
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector({ b: 1 }));
    a.writeDurably(write, vector());
    expect(a.history.updates.at(-1)?.dependencies).toEqual(vector());
  });

  it('has a timestamp greater than those of all that it depends on', () => {
    const a = new StepDriver();
    a.receive('b', [update('b:1', { at: 10 ** 15 })]);
    a.writeDurably(write);
    expect(a.history.updates.at(-1)?.timestamp).toBeGreaterThan(10 ** 15);
  });
});

describe('the limit of writes that wait for the disk', () => {
  it('bounds the bytes of all that wait, for the disk or for a context, and frees them however a write ends', () => {
    const a = new StepDriver({ limits: { writeBytesMax: 10 } });
    const overloaded = { error: { code: 'KVC_E_OVERLOADED' } };
    a.write([put('key', 'sevenup')]);
    expect(only(a.write([put('k', 'v')]), 'failed')).toMatchObject([overloaded]);
    a.step({ kind: 'persisted', sequence: 1 });

    a.write([put('key', 'sevenup')], vector({ b: 1 }), a.nowMs + 10);
    expect(only(a.write([put('k', 'v')]), 'failed')).toMatchObject([overloaded]);
    a.nowMs += 10;
    a.step({ kind: 'tick' });

    a.write([put('key', 'sevenup')], vector({ b: 1 }));
    a.step({ kind: 'cancel', request: 5 });
    expect(only(a.write([put('k', 'v')]), 'failed')).toEqual([]);
  });

  it('fails further ones with KVC_E_OVERLOADED, and takes writes again when the disk has caught up', () => {
    const a = new StepDriver({ limits: { unpersistedMax: 2 } });
    a.write(write);
    a.write(write);
    const [failed] = only(a.write(write), 'failed');
    expect(failed?.error).toMatchObject({ code: 'KVC_E_OVERLOADED' });
    expect(a.history.updates).toHaveLength(2);
    a.persistAll();
    expect(only(a.writeDurably(write), 'written')).toMatchObject([{ dot: dot('a:3') }]);
  });
});

describe('a replica whose history was set back', () => {
  function expectHalt(effects: readonly Effect[]): void {
    const [halt] = only(effects, 'halt');
    expect(halt?.error).toBeInstanceOf(KvcError);
    expect(halt?.error).toMatchObject({ code: 'KVC_E_DATA_LOST', facts: { claimed: 9, known: 1 } });
  }

  it.each([
    ['an answer', (a: StepDriver) => a.answered('b', vector({ a: 9 }))],
    [
      'an answer that has them in memory only',
      (a: StepDriver) => a.answered('b', vector(), vector({ a: 9 })),
    ],
    ['a message', (a: StepDriver) => a.receive('b', [], vector({ a: 9 }))],
  ])('halts once %s shows that a peer has more of its updates', (_, hear) => {
    const a = new StepDriver({ history: [update('a:1')] });
    a.tick();
    expectHalt(hear(a));
    expect(a.write(write)).toEqual([]);
    expect(a.replica.wakeAtMs()).toBe(Infinity);
  });

  it('notices it also when it has meanwhile used the same dots again', () => {
    const a = new StepDriver({ history: [update('a:1')] });
    a.tick();
    for (let counter = 2; counter <= 12; counter += 1) a.writeDurably(write);
    expectHalt(a.answered('b', vector({ a: 9 })));
  });

  it('ships nothing any more, for what it has may bear dots that are in use', () => {
    const a = new StepDriver({ history: [update('a:1')] });
    a.tick();
    a.writeDurably(write);
    expect(only(a.receive('b', [], vector({ a: 9 })), 'ship')).toEqual([]);
  });

  it('is not suspected for what it has shipped itself', () => {
    const a = new StepDriver();
    a.receive('b', []);
    a.writeDurably(write);
    expect(only(a.answered('b', vector({ a: 1 })), 'halt')).toEqual([]);
    expect(only(a.writeDurably(write), 'written')).toMatchObject([{ dot: dot('a:2') }]);
  });
});
