import { describe, expect, it, onTestFinished } from 'vitest';
import { Flusher } from '../../src/driver/flusher.js';
import type { Time, Timer } from '../../src/driver/time.js';
import { KvcError } from '../../src/errors.js';
import type { UpdateLog } from '../../src/storage/updateLog.js';

/** Time that passes when it is told to. */
class ManualTime {
  nowMs = 1000;
  #soon: (() => void)[] = [];
  #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();

  readonly time: Time = {
    now: () => this.nowMs,
    after: (ms, run): Timer => {
      const timer = { dueMs: this.nowMs + ms, run };
      this.#timers.add(timer);
      return { cancel: () => void this.#timers.delete(timer) };
    },
    every: () => ({ cancel: () => undefined }),
    pause: () => Promise.resolve(),
    giveWay: () => Promise.resolve(),
    soon: (run) => void this.#soon.push(run),
  };

  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }

  turns(count: number): void {
    for (let turn = 0; turn < count; turn += 1) {
      const due = this.#soon;
      this.#soon = [];
      for (const run of due) run();
    }
  }
}

/** A log whose flushes end when they are told to, and what flushes it. */
function flushed() {
  const clock = new ManualTime();
  const under: { resolve: (sequence: number) => void; reject: (error: unknown) => void; upTo: number }[] = [];
  const told: number[] = [];
  let appended = 0;
  let begun = 0;
  const log = {
    flush: () => {
      begun += 1;
      const upTo = appended;
      return new Promise<number>((resolve, reject) => under.push({ resolve, reject, upTo }));
    },
  } as unknown as UpdateLog;
  const flusher = new Flusher({
    log,
    time: clock.time,
    report: () => undefined,
    onFlushed: (sequence) => told.push(sequence),
    onFailure: (error) => {
      throw error;
    },
  });
  onTestFinished(() => flusher.stop());
  const append = (count: number, isOwn: boolean): void => {
    appended += count;
    flusher.flush(isOwn ? count : 0);
  };
  /** The flush under way ends, after so long. */
  const end = async (tookMs: number): Promise<void> => {
    clock.pass(tookMs);
    const flush = under.shift();
    flush?.resolve(flush.upTo);
    await Promise.resolve();
    await Promise.resolve();
  };
  const fail = async (): Promise<void> => {
    under.shift()?.reject(new KvcError('KVC_E_DISK_FULL', 'the disk has no room'));
    await Promise.resolve();
    await Promise.resolve();
  };
  return { clock, flusher, append, end, fail, told, begun: () => begun };
}

describe('what peers wait for', () => {
  it('is flushed at once where the disk had nothing to do, and then rests three times as long as that took', async () => {
    const { clock, append, end, begun, told } = flushed();
    append(1, false);
    expect(begun()).toBe(1);
    await end(1);
    append(1, false);
    clock.pass(2.9);
    append(1, false);
    expect(begun()).toBe(1);
    clock.pass(0.1);
    expect(begun()).toBe(2);
    await end(1);
    expect(told).toEqual([1, 3]);
  });

  it('came in during a flush and rests all the same', async () => {
    const { clock, append, end, begun } = flushed();
    append(1, false);
    append(1, false);
    await end(1);
    expect(begun()).toBe(1);
    clock.pass(3);
    expect(begun()).toBe(2);
  });

  it('rests no longer than 5 ms, however slow the disk', async () => {
    const { clock, append, end, begun } = flushed();
    append(1, false);
    await end(100);
    append(1, false);
    clock.pass(5);
    expect(begun()).toBe(2);
  });

  it('goes with the next write of a client, which waits for nothing', async () => {
    const { clock, append, end, begun, told } = flushed();
    append(1, false);
    await end(1);
    append(1, false);
    append(1, true);
    expect([begun(), clock.timers]).toEqual([2, 0]);
    await end(1);
    expect(told).toEqual([1, 3]);
  });

  it('does not rest where nothing is kept on a disk', async () => {
    const { append, end, begun } = flushed();
    append(1, false);
    await end(0.1);
    append(1, false);
    expect(begun()).toBe(2);
  });
});

describe('clients that are answered together', () => {
  it('are given ten turns to write again, and then are flushed together', async () => {
    const { clock, append, end, begun, told } = flushed();
    append(2, true);
    append(1, true);
    await end(1);
    expect(told).toEqual([2]);
    append(1, true);
    clock.turns(9);
    append(1, true);
    expect(begun()).toBe(1);
    clock.turns(1);
    expect(begun()).toBe(2);
    await end(1);
    expect(told).toEqual([2, 5]);
  });

  it('are given a ms, where turns take long', async () => {
    const { clock, append, end, begun } = flushed();
    append(2, true);
    append(1, true);
    await end(1);
    for (const ms of [0.4, 0.4]) {
      clock.nowMs += ms;
      clock.turns(1);
      expect(begun()).toBe(1);
    }
    clock.nowMs += 0.4;
    clock.turns(1);
    expect(begun()).toBe(2);
  });

  it('are not waited for any more for a while, where others have the node busy for longer than that', async () => {
    const { clock, append, end, begun } = flushed();
    append(2, true);
    append(2, true);
    await end(1);
    clock.nowMs += 1.5;
    clock.turns(1);
    expect(begun()).toBe(2);
    for (let flush = 1; flush <= 50; flush += 1) {
      append(2, true);
      await end(1);
      expect(begun()).toBe(2 + flush);
    }
    append(2, true);
    await end(1);
    expect(begun()).toBe(52);
    clock.turns(10);
    expect(begun()).toBe(53);
  });

  it('are not waited for where there was one, or where no flush takes time', async () => {
    const one = flushed();
    one.append(1, true);
    one.append(1, true);
    await one.end(1);
    expect(one.begun()).toBe(2);
    const received = flushed();
    received.append(1, true);
    received.append(5, false);
    await received.end(1);
    received.append(1, true);
    expect(received.begun()).toBe(2);
    const fast = flushed();
    fast.append(3, true);
    fast.append(1, true);
    await fast.end(0.1);
    expect(fast.begun()).toBe(2);
  });
});

describe('a disk without room', () => {
  it('is tried again, and what rested goes with it', async () => {
    const { clock, append, end, fail, flusher, begun, told } = flushed();
    append(1, false);
    await end(1);
    append(1, true);
    await fail();
    expect(flusher.diskFull).toMatchObject({ code: 'KVC_E_DISK_FULL' });
    clock.pass(200);
    expect(begun()).toBe(3);
    await end(1);
    expect([flusher.diskFull, told]).toEqual([undefined, [1, 2]]);
  });
});

describe('its end', () => {
  it('flushes what rests, and leaves no timer', async () => {
    const { clock, append, end, flusher, told, begun } = flushed();
    append(1, false);
    await end(1);
    append(1, false);
    const finished = flusher.finish();
    await end(1);
    expect(await finished).toBe(undefined);
    flusher.stop();
    expect(told).toEqual([1, 2]);
    expect([clock.timers, begun()]).toEqual([0, 2]);
    expect(flusher.waitedMs).toBe(0);
  });
});
