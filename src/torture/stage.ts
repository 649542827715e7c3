import { setTimeout as sleep } from 'node:timers/promises';
import type { NemesisTally } from './nemesisTally.js';
import type { NodeWitness } from './nodeWitness.js';
import type { SeenClock } from './seenClock.js';
import type { TortureCluster } from './tortureCluster.js';

/** What every action of the nemesis works with. */
export interface Stage {
  readonly cluster: TortureCluster;
  readonly witness: NodeWitness;
  readonly tally: NemesisTally;
  readonly seen: SeenClock;
  readonly seed: number;
}

/** Why an action did nothing: what it was to happen to is not there, or it would break what kvc asks of its users. */
export class Skipped extends Error {}

/** It did not come to act in its time: it may in the next phase. */
export class TooLate extends Skipped {}

/** Waits, but not longer than the phase lasts. */
export async function pause(ms: number, phase: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: phase }).catch(() => undefined);
}

const pollMs = 20;

/** Whether `holds` came to hold within the time. */
export async function awaited(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) return false;
    await sleep(pollMs);
  }
  return true;
}

/** How long a node may take until it serves: it may have to load everything from another one. */
export const serveMsMax = 30_000;

export async function awaitServing({ cluster }: Stage, node: string): Promise<void> {
  if (await awaited(() => cluster.stateOf(node) === 'running', serveMsMax)) return;
  throw new Error(`${node} is ${cluster.stateOf(node)} after ${serveMsMax} ms`);
}
