import { awaited, awaitServing, pause, Skipped, type Stage } from './stage.js';

/** The supervisor notices a crash at once. */
const noticedMsMax = 5000;

export async function killNode(
  stage: Stage,
  node: string,
  downMs: number | null,
  phase: AbortSignal,
): Promise<void> {
  const { cluster, witness, tally } = stage;
  requireState(stage, node, ['running', 'paused']);
  await witness.ask(node).catch(() => undefined);
  if (downMs === null) return crashNode(stage, node);
  await cluster.kill(node);
  tally.kills += 1;
  await pause(downMs, phase);
  await cluster.restart(node);
  await witness.ask(node).catch(() => undefined);
}

async function crashNode(stage: Stage, node: string): Promise<void> {
  const { cluster, tally } = stage;
  if (!cluster.crash(node)) throw new Skipped(`${node} has no process`);
  if (!(await awaited(() => cluster.stateOf(node) === 'restarting', noticedMsMax))) {
    throw new Error(`the supervisor does not notice that ${node} crashed`);
  }
  tally.crashes += 1;
  await awaitServing(stage, node);
}

export async function pauseNode(
  stage: Stage,
  node: string,
  forMs: number,
  phase: AbortSignal,
): Promise<void> {
  const { cluster, tally } = stage;
  requireState(stage, node, ['running']);
  const beganMs = performance.now();
  cluster.pause(node);
  await pause(forMs, phase);
  if (cluster.stateOf(node) !== 'paused') throw new Skipped(`${node} was ended while it was frozen`);
  cluster.resume(node);
  tally.pauses += 1;
  tally.pausedMs += Math.round(performance.now() - beganMs);
}

/** @throws Skipped if the node is in another state, or has left */
export function requireState({ cluster }: Stage, node: string, states: readonly string[]): void {
  const state = cluster.stateOf(node);
  if (!states.includes(state)) throw new Skipped(`${node} is ${state}`);
}
