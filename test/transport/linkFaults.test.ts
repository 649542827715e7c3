import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeName } from '../../src/core/ids.js';
import { KvcError } from '../../src/errors.js';
import type { FaultInputJson, LinkTrafficJson } from '../../src/protocol/faultsApi.js';
import { lossNoticedAfterMs } from '../../src/transport/faultyLink.js';
import { FaultyTransport } from '../../src/transport/faultyTransport.js';
import { answerWith, message, update } from './messages.js';
import { draws, RecordingTransport, seedWhere } from './recordingTransport.js';

const node1 = 'node1' as NodeName;
const node2 = 'node2' as NodeName;
const node3 = 'node3' as NodeName;
const partition: FaultInputJson = { id: 'f3', target: node2, kind: 'partition' };

function some(kind: 'drop' | 'duplicate' | 'reorder', percent: number, seed = 7): FaultInputJson {
  return { id: `f-${kind}`, target: node2, kind, percent, seed };
}

let inner: RecordingTransport;
let transport: FaultyTransport;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  inner = new RecordingTransport();
  transport = new FaultyTransport(inner, { source: node1, random: () => 0.5, now: Date.now });
});

afterEach(async () => {
  await transport.close();
  vi.useRealTimers();
});

const send = (...counters: number[]) => transport.send(node2, message(counters.map(update)));
const traffic = (): LinkTrafficJson | undefined =>
  transport.describe().links.find(({ target }) => target === node2);

/** Sends node1:1 to node1:COUNT, a message each. */
function sendMany(count: number): Promise<unknown>[] {
  return Array.from({ length: count }, (_, index) => send(index + 1));
}

/** The counters, from 1, of the messages of which chance makes a number below the percentage. */
function chosen(kind: 'drop' | 'duplicate' | 'reorder', percent: number, count: number, seed = 7): number[] {
  return draws(seed, kind, count).flatMap((draw, index) => (draw * 100 < percent ? [index + 1] : []));
}

describe('a drop', () => {
  it('loses the messages that the seed says, and no others', async () => {
    transport.add([some('drop', 20)]);
    const outcomes = Promise.allSettled(sendMany(100));
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
    const lost = (await outcomes).flatMap(({ status }, index) => (status === 'rejected' ? [index + 1] : []));
    expect(lost).toEqual(chosen('drop', 20, 100));
    expect(inner.left).toHaveLength(100 - lost.length);
    expect(traffic()).toMatchObject({ messages: 100, dropped: lost.length, acted: { drop: lost.length } });
  });

  it('tells the sender after 100 ms, as a timer would, and names the fault', async () => {
    transport.add([some('drop', 100)]);
    const outcome = vi.fn();
    send(1).catch(outcome);
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs - 1);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledWith(
      expect.objectContaining({
        code: 'KVC_E_NODE_UNREACHABLE',
        message: 'fault f-drop dropped a message on the link node1:node2',
        facts: { node: 'node2', fault: 'f-drop' },
      }),
    );
    expect(inner.left).toEqual([]);
  });

  it('acts on its own link only, and until it is removed', async () => {
    transport.add([some('drop', 100)]);
    await transport.send(node3, message([update(1)]));
    transport.remove({ kind: 'drop' });
    await send(2);
    expect(inner.left).toEqual(['node3:1', 'node2:2']);
  });

  it('begins its decisions anew when it is made anew, and not when another fault changes', async () => {
    const [first, second] = [chosen('drop', 50, 20), chosen('drop', 50, 40)];
    const lostOf = async (count: number): Promise<number[]> => {
      const outcomes = Promise.allSettled(sendMany(count));
      await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
      return (await outcomes).flatMap(({ status }, index) => (status === 'rejected' ? [index + 1] : []));
    };
    transport.add([some('drop', 50)]);
    expect(await lostOf(20)).toEqual(first);
    transport.add([{ ...some('duplicate', 1), target: node3 }, some('duplicate', 0.001)]);
    expect(await lostOf(20)).toEqual(second.filter((at) => at > 20).map((at) => at - 20));
    transport.add([some('drop', 50)]);
    expect(await lostOf(20)).toEqual(first);
    expect(traffic()).toMatchObject({ messages: 60, acted: { drop: first.length } });
  });
});

describe('a partition', () => {
  it('lets nothing through, names itself, and lets all pass once it is over', async () => {
    transport.add([partition]);
    const outcomes = Promise.allSettled(sendMany(3));
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({
        reason: { code: 'KVC_E_NODE_UNREACHABLE', message: 'fault f3 cuts the link node1:node2' },
      });
    }
    expect(inner.left).toEqual([]);
    expect(traffic()).toMatchObject({ messages: 3, dropped: 3, acted: { partition: 3 } });
    transport.remove({ id: 'f3' });
    expect(await send(4)).toEqual(answerWith(4));
  });

  it('leaves to itself what a drop on the link would decide', async () => {
    transport.add([partition, some('drop', 100)]);
    const outcome = expect(send(1)).rejects.toMatchObject({ facts: { fault: 'f3' } });
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
    await outcome;
    expect(traffic()).toMatchObject({ dropped: 1, acted: { partition: 1, drop: 0 } });
  });

  it('does not call back what was on its way', async () => {
    transport.add([{ target: node2, kind: 'delay', delay_ms: 500, jitter_ms: 0 }]);
    const sent = send(1);
    transport.add([partition]);
    await vi.advanceTimersByTimeAsync(500);
    expect(await sent).toEqual(answerWith(1));
  });
});

describe('a duplication', () => {
  it('sends the messages that the seed says twice, the copy right behind', async () => {
    transport.add([some('duplicate', 30)]);
    await Promise.all(sendMany(50));
    const twice = chosen('duplicate', 30, 50);
    const expected = Array.from({ length: 50 }, (_, index) => index + 1).flatMap((counter) =>
      twice.includes(counter) ? [counter, counter] : [counter],
    );
    expect(inner.left).toEqual(expected.map((counter) => `node2:${counter}`));
    expect(traffic()).toMatchObject({ messages: 50, duplicated: twice.length });
  });

  it('answers with what the first came to, whatever becomes of the copy', async () => {
    transport.add([some('duplicate', 100)]);
    let sends = 0;
    inner.answer = () => {
      sends += 1;
      return sends % 2 === 1
        ? Promise.resolve(answerWith(sends))
        : Promise.reject(new KvcError('KVC_E_NODE_UNREACHABLE', 'gone'));
    };
    expect(await send(1)).toEqual(answerWith(1));
    inner.answer = () => {
      sends += 1;
      return sends % 2 === 0
        ? Promise.resolve(answerWith(sends))
        : Promise.reject(new KvcError('KVC_E_NODE_UNREACHABLE', 'gone'));
    };
    await expect(send(2)).rejects.toMatchObject({ message: 'gone' });
    expect(inner.left).toHaveLength(4);
  });

  it('makes no copy of what is lost', async () => {
    transport.add([some('duplicate', 100), some('drop', 100)]);
    const outcome = expect(send(1)).rejects.toMatchObject({ facts: { fault: 'f-drop' } });
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
    await outcome;
    expect(traffic()).toMatchObject({ dropped: 1, duplicated: 0 });
  });

  it('shows in a hold: the copy is stepped through on its own', async () => {
    transport.add([some('duplicate', 100), { target: node2, kind: 'hold' }]);
    const sent = send(1, 2);
    expect(traffic()).toMatchObject({ held: 2, held_total: 2, acted: { duplicate: 1, hold: 2 } });
    expect(transport.step(node2, 3).map(({ counter }) => counter)).toEqual([1, 2, 1]);
    expect(await sent).toEqual(answerWith(2));
    transport.remove({ kind: 'hold' });
    expect(inner.left).toEqual(['node2:1', 'node2:2', 'node2:1', 'node2:2']);
  });
});

describe('a reordering', () => {
  it('lets the others overtake those that the seed says, by 1 to 50 ms', async () => {
    transport.add([some('reorder', 30)]);
    const sent = Promise.all(sendMany(50));
    const late = chosen('reorder', 30, 50);
    const others = Array.from({ length: 50 }, (_, index) => index + 1).filter((at) => !late.includes(at));
    expect(inner.left).toEqual(others.map((counter) => `node2:${counter}`));
    expect(traffic()).toMatchObject({ delayed: late.length, reordered: late.length, delayed_total: 0 });
    await vi.advanceTimersByTimeAsync(50);
    const overtaken = inner.left.slice(others.length).map((left) => Number(left.split(':')[1]));
    expect([...overtaken].sort((left, right) => left - right)).toEqual(late);
    expect(overtaken).not.toEqual(late);
    expect(await sent).toHaveLength(50);
  });

  it.each([
    ['1 ms', (draw: number) => draw < 0.02, 1],
    ['50 ms', (draw: number) => draw > 0.98, 50],
  ])('waits %s where chance wants it', async (_, isWanted, waitMs) => {
    const seed = seedWhere('reorder', 1, ([draw = 0]) => isWanted(draw));
    transport.add([some('reorder', 100, seed)]);
    void send(1);
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(inner.left).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(inner.left).toEqual(['node2:1']);
  });

  it('comes before a delay, and lists what waits for either', async () => {
    const seed = seedWhere('reorder', 2, ([first = 0, second = 0]) => first < 0.5 && second >= 0.5);
    transport.add([some('reorder', 50, seed), { target: node2, kind: 'delay', delay_ms: 100, jitter_ms: 0 }]);
    for (const counter of [1, 2]) void send(counter);
    expect(traffic()).toMatchObject({ delayed: 2, updates: [{ counter: 2 }, { counter: 1 }] });
    await vi.advanceTimersByTimeAsync(100);
    expect(inner.left).toEqual(['node2:2']);
    await vi.advanceTimersByTimeAsync(50);
    expect(inner.left).toEqual(['node2:2', 'node2:1']);
    expect(traffic()).toMatchObject({ delayed: 0, reordered: 1, delayed_total: 2 });
  });

  it('that is removed lets what waits go at once, in order', () => {
    transport.add([some('reorder', 100)]);
    for (const counter of [1, 2, 3]) void send(counter);
    transport.remove({ kind: 'reorder' });
    expect(inner.left).toEqual(['node2:1', 'node2:2', 'node2:3']);
  });
});

describe('a link with every kind of fault', () => {
  it('rejects all that waits at any stage with KVC_E_CLOSED when it is closed, and leaves no timer', async () => {
    const lateAtFirst = seedWhere('reorder', 3, ([a = 0, b = 0, c = 0]) => a < 0.5 && b >= 0.5 && c >= 0.5);
    transport.add([
      some(
        'drop',
        50,
        seedWhere('drop', 3, ([a = 0, b = 0, c = 0]) => a < 0.5 && b >= 0.5 && c >= 0.5),
      ),
      some('duplicate', 100),
      { target: node2, kind: 'hold' },
      some('reorder', 50, lateAtFirst),
      { target: node2, kind: 'delay', delay_ms: 1000, jitter_ms: 500 },
    ]);
    const outcomes = Promise.allSettled(sendMany(3));
    transport.step(node2, 3);
    expect(traffic()).toMatchObject({ messages: 3, dropped: 1, duplicated: 2, held: 1, delayed: 3 });

    await transport.close();

    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'KVC_E_CLOSED' } });
    expect(vi.getTimerCount()).toBe(0);
    expect(inner.left).toEqual([]);
  });

  it('lets everything go that is not lost when all faults are cleared', async () => {
    transport.add([
      some('drop', 30),
      some('duplicate', 30),
      some('reorder', 30),
      { target: node2, kind: 'delay', delay_ms: 60_000, jitter_ms: 1000 },
    ]);
    const outcomes = Promise.allSettled(sendMany(100));
    await vi.advanceTimersByTimeAsync(60);
    transport.remove({});
    const { dropped = 0, duplicated = 0 } = traffic() ?? {};
    expect(inner.left).toHaveLength(100 - dropped + duplicated);
    await vi.advanceTimersByTimeAsync(lossNoticedAfterMs);
    expect((await outcomes).filter(({ status }) => status === 'rejected')).toHaveLength(dropped);
    expect(dropped).toBe(chosen('drop', 30, 100).length);
  });

  it('keeps its counts when the faults are gone, and counts on', async () => {
    expect(traffic()).toBeUndefined();
    transport.add([some('duplicate', 100)]);
    await send(1);
    transport.remove({});
    await send(2);
    expect(traffic()).toMatchObject({ messages: 2, duplicated: 1, acted: {} });
  });
});
