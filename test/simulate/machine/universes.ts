import { onTestFinished } from 'vitest';
import type { NodeName } from '../../../src/core/ids.js';
import { Machine } from '../../../src/simulate/machine/machine.js';
import { noMachineCounts } from '../../../src/simulate/machine/machineCounts.js';
import { SeededRandom } from '../../../src/simulate/machine/seededRandom.js';
import { Timeline } from '../../../src/simulate/machine/timeline.js';
import { Trace } from '../../../src/simulate/machine/trace.js';
import type { Universe } from '../../../src/simulate/machine/universe.js';

export const startMs = 1_700_000_000_000;

export function universe(seed = 1): Universe {
  const counts = noMachineCounts();
  return { timeline: new Timeline(startMs), random: new SeededRandom(seed), trace: new Trace(true), counts };
}

export function machineIn(around: Universe, name = 'node1'): Machine {
  return new Machine(name as NodeName, around);
}

/** Runs events until the test ends, for tests that wait for promises as if time were real. */
export function keepRunning(around: Universe): void {
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) await around.timeline.runUntil(() => isOver, Infinity);
  };
  const running = run();
  onTestFinished(async () => {
    isOver = true;
    await running;
  });
}

/** Runs events until a promise is settled, and gives what it came to. */
export async function outcome<Result>(around: Universe, promise: Promise<Result>): Promise<Result> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  if (!(await around.timeline.runUntil(() => isSettled, Infinity))) throw new Error('it is never settled');
  return promise;
}
