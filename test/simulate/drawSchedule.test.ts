import { expect, it } from 'vitest';
import { drawSchedule } from '../../src/simulate/drawSchedule.js';
import type { Action } from '../../src/simulate/schedule.js';
import { stepText } from '../../src/simulate/stepText.js';

const causal = { delivery: 'causal' } as const;
const schedules = Array.from({ length: 400 }, (_, seed) => drawSchedule(seed, causal));

it('is plain data, and the same for the same seed', () => {
  for (const schedule of schedules.slice(0, 20)) {
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
    expect(drawSchedule(schedule.seed, causal)).toEqual(schedule);
  }
});

it('draws clusters of every size, and every kind of step', () => {
  const sizes = new Set(schedules.map(({ config }) => config.nodes));
  expect([...sizes].sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  const kinds = new Set(schedules.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
  const all: Record<Action['kind'], true> = {
    write: true,
    read: true,
    retry: true,
    cut: true,
    heal: true,
    slow: true,
    pause: true,
    crash: true,
    restart: true,
    'lose disk': true,
    'damage log': true,
    'damage store': true,
    'set clock': true,
    join: true,
    leave: true,
    remove: true,
  };
  expect([...kinds].sort()).toEqual(Object.keys(all).sort());
});

it('keeps the steps that are left where it is asked for fewer', () => {
  const long = drawSchedule(7, { ...causal, steps: 60 });
  const short = drawSchedule(7, { ...causal, steps: 20 });
  const drawn = ({ steps }: typeof long) => steps.filter(({ kind }) => kind !== 'retry');
  expect(drawn(short)).toEqual(drawn(long).slice(0, 20));
  expect(short.config).toEqual(long.config);
});

it('keeps everything else where the number of nodes is given', () => {
  const { nodes, ...others } = drawSchedule(7, { ...causal, nodes: 5 }).config;
  expect(nodes).toBe(5);
  expect(drawSchedule(7, causal).config).toMatchObject(others);
});

it('lets retries name the step of a write that has a name, and come after it', () => {
  for (const { steps } of schedules) {
    for (const step of steps) {
      if (step.kind !== 'retry') continue;
      const write = steps[step.write];
      expect(write).toMatchObject({ kind: 'write', isNamed: true });
      expect(step.atMs).toBeGreaterThanOrEqual(write?.atMs ?? Infinity);
    }
  }
});

it('tells every step in words', () => {
  const texts = schedules.flatMap(({ steps }) => steps.map((step) => stepText(step)));
  for (const text of texts) expect(text).toMatch(/^at \d+ ms {2}[^\n]+$/);
  expect(texts.join()).not.toMatch(/undefined|null|\[object/);
});
