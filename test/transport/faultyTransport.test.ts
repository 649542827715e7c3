import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import { KvcError } from '../../src/errors.js';
import type { FaultInputJson, FaultRuleJson } from '../../src/protocol/faultsApi.js';
import type { ReplicateAnswer } from '../../src/protocol/replicateMessage.js';
import { FaultyTransport, type FaultyTransportOptions } from '../../src/transport/faultyTransport.js';
import { answerWith, message, update } from './messages.js';
import { RecordingTransport, seedWhere } from './recordingTransport.js';

const node2 = 'node2' as NodeName;
const node3 = 'node3' as NodeName;
const hold: FaultInputJson = { target: node2, kind: 'hold' };

function delay(delayMs: number, jitterMs = 0, expiresAtMs: number | null = null): FaultInputJson {
  return { target: node2, kind: 'delay', delay_ms: delayMs, jitter_ms: jitterMs, expires_at_ms: expiresAtMs };
}

/** Three messages, the second of which is the first to leave, and the first the last. */
const seed = seedWhere('delay', 3, ([first = 0, second = 0, third = 0]) => second < third && third < first);

let inner: RecordingTransport;
let transport: FaultyTransport;
let changes: (readonly FaultRuleJson[])[];

function open(options: Partial<FaultyTransportOptions> = {}): void {
  inner = new RecordingTransport();
  changes = [];
  transport = new FaultyTransport(inner, {
    source: 'node1' as NodeName,
    random: () => 0.5,
    now: Date.now,
    onChange: (rules) => changes.push(rules),
    ...options,
  });
}

const send = (...counters: number[]) => transport.send(node2, message(counters.map(update)));

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  open();
});

afterEach(async () => {
  await transport.close();
  vi.useRealTimers();
});

describe('a delay', () => {
  it('lets a message go after its time, to its link only', async () => {
    transport.add([delay(5000)]);
    const late = send(1);
    void transport.send(node3, message([update(1)]));
    expect(inner.left).toEqual(['node3:1']);

    await vi.advanceTimersByTimeAsync(4999);
    expect(inner.left).toEqual(['node3:1']);
    await vi.advanceTimersByTimeAsync(1);
    expect(inner.left).toEqual(['node3:1', 'node2:1']);
    expect(await late).toEqual(answerWith(1));
  });

  it('lets messages wait side by side, in order', async () => {
    transport.add([delay(100)]);
    void send(1);
    await vi.advanceTimersByTimeAsync(60);
    void send(2);
    void send(3);
    await vi.advanceTimersByTimeAsync(40);
    expect(inner.left).toEqual(['node2:1']);
    await vi.advanceTimersByTimeAsync(60);
    expect(inner.left).toEqual(['node2:1', 'node2:2', 'node2:3']);
  });

  it.each([
    ['least', 80, (chance: number) => chance < 0.01],
    ['middle', 100, (chance: number) => Math.abs(chance - 0.5) < 0.01],
    ['greatest', 120, (chance: number) => chance > 0.99],
  ])('with jitter 20 and the %s draw departs after about %d ms', async (_, afterMs, isWanted) => {
    transport.add([{ ...delay(100, 20), seed: seedWhere('delay', 1, ([chance = NaN]) => isWanted(chance)) }]);
    void send(1);
    await vi.advanceTimersByTimeAsync(afterMs - 2);
    expect(inner.left).toEqual([]);
    await vi.advanceTimersByTimeAsync(3);
    expect(inner.left).toEqual(['node2:1']);
  });

  it('that is removed lets what waits go at once, in order', async () => {
    transport.add([{ ...delay(5000, 1000), seed }]);
    const sent = [send(1), send(2), send(3)];
    transport.remove({ target: node2 });
    expect(inner.left).toEqual(['node2:1', 'node2:2', 'node2:3']);
    expect(await Promise.all(sent)).toEqual([1, 2, 3].map((counter) => answerWith(counter)));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inner.left).toHaveLength(3);
  });

  it('ends by itself at its time, lets what waits go, and says so', async () => {
    transport.add([delay(60_000, 0, 1_030_000)]);
    void send(1);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(inner.left).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(inner.left).toEqual(['node2:1']);
    expect(changes.at(-1)).toEqual([]);
    expect(transport.describe()).toMatchObject({
      faults: [],
      links: [{ target: 'node2', delayed: 0, updates: [], messages: 1, delayed_total: 1, acted: {} }],
    });
  });

  it('may end later than a timer can be set for', async () => {
    const inSixtyDays = Date.now() + 60 * 86_400_000;
    transport.add([delay(100, 0, inSixtyDays)]);
    await vi.advanceTimersByTimeAsync(59 * 86_400_000);
    expect(transport.describe().faults).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(transport.describe().faults).toEqual([]);
  });

  it('hands on the failure of a message that it delayed', async () => {
    transport.add([delay(100)]);
    inner.answer = () => Promise.reject(new KvcError('KVC_E_NODE_UNREACHABLE', 'gone'));
    const failed = expect(send(1)).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    await vi.advanceTimersByTimeAsync(100);
    await failed;
  });
});

describe('a hold', () => {
  it('keeps messages until it is removed, then lets them go in order', async () => {
    transport.add([hold]);
    const sent = [send(1, 2), send(), send(3)];
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(inner.left).toEqual([]);
    transport.remove({ kind: 'hold' });
    expect(inner.left).toEqual(['node2:1+2', 'node2:', 'node2:3']);
    expect(await Promise.all(sent)).toEqual([answerWith(2), answerWith(0), answerWith(3)]);
  });

  it('is stepped by updates, not by messages', async () => {
    transport.add([hold]);
    let answered = 0;
    for (const sent of [send(1, 2, 3), send(4)]) void sent.then(() => (answered += 1));

    expect(transport.step(node2, 2)).toEqual([
      { node: 'node1', counter: 1 },
      { node: 'node1', counter: 2 },
    ]);
    await vi.advanceTimersByTimeAsync(0);
    expect(inner.left).toEqual(['node2:1', 'node2:2']);
    expect(answered).toBe(0);
    expect(transport.describe().links).toMatchObject([
      { held: 2, updates: [{ counter: 3 }, { counter: 4 }] },
    ]);

    transport.step(node2, 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(answered).toBe(1);
    expect(transport.step(node2, 5)).toEqual([{ node: 'node1', counter: 4 }]);
    expect(inner.left).toEqual(['node2:1', 'node2:2', 'node2:3', 'node2:4']);
  });

  it('answers a message that went in parts with the last answer and all that was refused', async () => {
    transport.add([hold]);
    inner.answer = ([counter = 0]) => Promise.resolve(answerWith(counter, counter === 3 ? 0 : 1));
    const sent = send(1, 2, 3);
    transport.step(node2, 3);
    expect(await sent).toEqual(answerWith(3, 2));
  });

  it('sends the rest of a message that was stepped into as one message when it is released', async () => {
    transport.add([hold]);
    const sent = send(1, 2, 3);
    transport.step(node2, 1);
    transport.remove({});
    expect(inner.left).toEqual(['node2:1', 'node2:2+3']);
    expect(await sent).toEqual(answerWith(3));
  });

  it('rejects a message that went in parts when one of them failed, once all are answered', async () => {
    transport.add([hold]);
    let answerLast!: (answer: ReplicateAnswer) => void;
    inner.answer = ([counter = 0]) =>
      counter === 1
        ? Promise.reject(new KvcError('KVC_E_NODE_UNREACHABLE', 'gone'))
        : new Promise((resolve) => (answerLast = resolve));
    const outcome = vi.fn();
    send(1, 2).catch(outcome);
    transport.step(node2, 1);
    await vi.advanceTimersByTimeAsync(100);
    transport.step(node2, 1);
    await vi.advanceTimersByTimeAsync(100);
    expect(outcome).not.toHaveBeenCalled();
    answerLast(answerWith(2));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ code: 'KVC_E_NODE_UNREACHABLE' }));
  });

  it('lets a question for the vector pass with a step, without counting it', () => {
    transport.add([hold]);
    void send();
    void send(1);
    expect(transport.step(node2, 1).map((dot) => dot.counter)).toEqual([1]);
    expect(inner.left).toEqual(['node2:', 'node2:1']);
    void send();
    expect(transport.step(node2, 1)).toEqual([]);
    expect(inner.left).toEqual(['node2:', 'node2:1', 'node2:']);
  });

  it('cannot be stepped where there is none', () => {
    transport.add([delay(100)]);
    expect(() => transport.step(node2, 1)).toThrow(
      expect.objectContaining({
        code: 'KVC_E_STATE_CONFLICT',
        message: expect.stringContaining('node1:node2') as string,
      }),
    );
  });

  it('comes before a delay on the same link', async () => {
    transport.add([hold, delay(100)]);
    void send(1, 2);
    transport.step(node2, 1);
    expect(transport.describe().links).toEqual([
      {
        source: 'node1',
        target: 'node2',
        held: 1,
        delayed: 1,
        updates: [
          { node: 'node1', counter: 1 },
          { node: 'node1', counter: 2 },
        ],
        messages: 1,
        dropped: 0,
        duplicated: 0,
        reordered: 0,
        delayed_total: 1,
        held_total: 1,
        acted: { hold: 1, delay: 1 },
      },
    ]);
    await vi.advanceTimersByTimeAsync(100);
    transport.remove({ kind: 'hold' });
    expect(inner.left).toEqual(['node2:1']);
    await vi.advanceTimersByTimeAsync(100);
    expect(inner.left).toEqual(['node2:1', 'node2:2']);
  });

  it('and a delay that are removed together let everything go in the order in which it was sent', () => {
    transport.add([delay(100)]);
    void send(1);
    transport.add([hold]);
    void send(2);
    transport.remove({});
    expect(inner.left).toEqual(['node2:1', 'node2:2']);
  });
});

describe('a faulty transport', () => {
  it('starts with the rules it is given, but for those that have ended meanwhile', () => {
    const rule = { id: 'f1', source: 'node1', ...hold, expires_at_ms: null, seed: 7 } as FaultRuleJson;
    const over = { ...rule, id: 'f2', target: 'node3', expires_at_ms: 999_999 };
    open({ initial: [rule, over] });
    send(1).catch(() => undefined);
    void transport.send(node3, message([update(1)]));
    expect(inner.left).toEqual(['node3:1']);
    expect(changes).toEqual([[rule]]);
  });

  it('draws a seed for a rule that comes without one, and keeps the one that it comes with', () => {
    transport.add([delay(100, 50), { ...delay(100, 50), target: node3, seed: 7 }]);
    expect(transport.describe().faults.map((rule) => rule.seed)).toEqual([2 ** 31, 7]);
  });

  it('reports every change of the rules, and nothing else', () => {
    transport.add([hold]);
    transport.remove({ id: 'f99' });
    transport.remove({});
    expect(changes.map((rules) => rules.length)).toEqual([1, 0]);
  });

  it('lists at most 16 waiting updates, those that leave first in front', () => {
    transport.add([hold]);
    send(...Array.from({ length: 40 }, (_, index) => index + 1)).catch(() => undefined);
    const [link] = transport.describe().links;
    expect(link?.updates.map(({ counter }) => counter)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  it('lists delayed updates in the order in which they will leave, whatever the jitter made of it', () => {
    transport.add([{ ...delay(100, 50), seed }]);
    for (const counter of [1, 2, 3]) send(counter).catch(() => undefined);
    expect(transport.describe().links[0]?.updates.map(({ counter }) => counter)).toEqual([2, 3, 1]);
  });

  it('rejects all that waits with KVC_E_CLOSED when it is closed, and closes what it wraps', async () => {
    transport.add([hold, delay(100, 0, 2_000_000)]);
    const outcomes = Promise.allSettled([send(1), send(2, 3), send(4)]);
    transport.step(node2, 2);
    expect(transport.describe().links).toMatchObject([{ held: 2, delayed: 2 }]);

    await transport.close();

    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'KVC_E_CLOSED' } });
    expect(inner.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(() => transport.add([hold])).toThrow(expect.objectContaining({ code: 'KVC_E_CLOSED' }));
  });
});
