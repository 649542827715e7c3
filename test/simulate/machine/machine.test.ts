import { describe, expect, it } from 'vitest';
import type { Life } from '../../../src/simulate/machine/machine.js';
import { machineIn, outcome, startMs, universe } from './universes.js';

const text = (value: string): Buffer => Buffer.from(value);
const never = (): boolean => false;

describe('the end of a life', () => {
  it('silences its timers and its calls under way, and whatever it calls later', async () => {
    const around = universe();
    const machine = machineIn(around);
    const life = machine.boot();
    const file = await outcome(around, life.place.files.open('/a', 'w'));
    const told: string[] = [];
    const tell = (what: string) => () => told.push(what);
    life.time.after(5, tell('after'));
    life.time.every(5, tell('every'));
    life.enter(tell('enter'));
    void life.time.pause(5).then(tell('pause'));
    void file.sync().then(tell('sync'), tell('sync failed'));
    machine.kill();
    expect([life.isAlive, machine.isUp]).toEqual([false, false]);
    life.time.after(1, tell('later after'));
    life.enter(tell('later enter'));
    void life.time.giveWay().then(tell('later giveWay'));
    void file.write(text('x'), 0, 1, 0).then(tell('later write'), tell('later write failed'));
    void life.place.files.remove('/a').then(tell('later remove'), tell('later remove failed'));
    await around.timeline.runUntil(never, startMs + 1000);
    expect(told).toEqual([]);
    const next = machine.boot();
    expect(await outcome(around, next.place.files.readFile('/a'))).toEqual(text(''));
  });

  it('by `crashAt` comes instead of the n-th thing that it does', async () => {
    const files = async ({ place }: Life): Promise<void> => {
      for (const name of ['/1', '/2', '/3', '/4']) await (await place.files.open(name, 'w')).close();
    };
    for (const [n, left] of [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
    ] as const) {
      const around = universe(n);
      const machine = machineIn(around);
      let crashes = 0;
      machine.onCrash = () => (crashes += 1);
      const life = machine.boot();
      machine.crashAt(n);
      // What the power takes is not asked about here.
      machine.disk.crash = () => undefined;
      void files(life);
      await around.timeline.runUntil(never, startMs + 100);
      expect([machine.disk.files.length, crashes, life.isAlive]).toEqual([left, 1, false]);
      expect(around.counts).toMatchObject({ crashes: 1, crashesWithin: 1 });
    }
  });

  it('is that of one life: the next one is not ended by what was set for the one before', () => {
    const around = universe();
    const machine = machineIn(around);
    machine.boot();
    machine.crashAt(1);
    machine.crash();
    const life = machine.boot();
    life.time.after(1, () => undefined);
    expect(life.isAlive).toBe(true);
    expect(() => machine.boot()).toThrow();
  });

  it('by `wipe` leaves an empty disk', async () => {
    const around = universe();
    const machine = machineIn(around);
    const file = await outcome(around, machine.boot().place.files.open('/a', 'w'));
    await outcome(around, file.sync());
    machine.wipe();
    expect(machine.disk.files).toEqual([]);
    expect(await outcome(around, machine.boot().place.files.list('/'))).toEqual([]);
  });
});

describe('a pause', () => {
  it('holds back all that is to reach the process, and lets it happen afterwards in its order', async () => {
    const around = universe();
    const machine = machineIn(around);
    const life = machine.boot();
    const told: string[] = [];
    const tell = (what: string) => () => told.push(`${what} ${around.timeline.nowMs - startMs}`);
    life.time.after(10, tell('first'));
    life.time.after(20, tell('second'));
    life.time.after(40, tell('third'));
    machine.pause();
    machine.pause();
    expect(machine.isPaused).toBe(true);
    around.timeline.after(15, () => life.enter(tell('request')));
    // In the event list before what the resumption makes there, and yet after all that waited.
    around.timeline.after(30, () => machine.resume());
    life.time.after(30, tell('at the end'));
    await around.timeline.runUntil(never, startMs + 100);
    expect(told).toEqual(['first 30', 'request 30', 'second 30', 'at the end 30', 'third 40']);
  });

  it('may come again before all has happened', async () => {
    const around = universe();
    const machine = machineIn(around);
    const life = machine.boot();
    const told: number[] = [];
    for (let timer = 0; timer < 4; timer += 1) {
      life.time.after(1, () => {
        told.push(timer);
        if (timer === 1) machine.pause();
      });
    }
    machine.pause();
    await around.timeline.runUntil(never, startMs + 10);
    machine.resume();
    await around.timeline.runUntil(never, startMs + 20);
    expect(told).toEqual([0, 1]);
    machine.resume();
    await around.timeline.runUntil(never, startMs + 30);
    expect(told).toEqual([0, 1, 2, 3]);
  });

  it('makes up for no more than one ring of a timer that repeats, and for none that is cancelled first', async () => {
    const around = universe();
    const machine = machineIn(around);
    const life = machine.boot();
    let rings = 0;
    let cancelled = 0;
    life.time.every(10, () => (rings += 1));
    life.time.after(4, () => late.cancel());
    const late = life.time.after(5, () => (cancelled += 1));
    machine.pause();
    await around.timeline.runUntil(never, startMs + 95);
    machine.resume();
    await around.timeline.runUntil(never, startMs + 96);
    expect([rings, cancelled]).toEqual([1, 0]);
    await around.timeline.runUntil(never, startMs + 126);
    expect(rings).toBe(4);
  });

  it('ends with the process', async () => {
    const around = universe();
    const machine = machineIn(around);
    const life = machine.boot();
    let rings = 0;
    life.time.after(1, () => (rings += 1));
    machine.pause();
    await around.timeline.runUntil(never, startMs + 5);
    machine.kill();
    machine.resume();
    await around.timeline.runUntil(never, startMs + 10);
    expect([rings, machine.isPaused]).toEqual([0, false]);
  });
});

describe('the clock of a machine', () => {
  it('is as far ahead as it was set, and never goes back within a life', async () => {
    const around = universe();
    const machine = machineIn(around);
    machine.setSkew(-500);
    const life = machine.boot();
    const now = (): number => life.time.now() - startMs;
    expect(now()).toBe(-500);
    machine.setSkew(200);
    expect(now()).toBe(200);
    machine.setSkew(-100);
    await around.timeline.runUntil(never, startMs + 10);
    expect(now()).toBe(210);
    machine.kill();
    expect(machine.boot().time.now() - startMs).toBe(-90);
  });

  it('does not move its timers', async () => {
    const around = universe();
    const machine = machineIn(around);
    let rangMs = 0;
    machine.boot().time.after(10, () => (rangMs = around.timeline.nowMs));
    machine.setSkew(5000);
    await around.timeline.runUntil(never, startMs + 100);
    expect(rangMs).toBe(startMs + 10);
  });
});
