import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockJson } from '../protocol/api.js';
import { Chance } from './chance.js';
import { damageDisk } from './damageDisk.js';
import { requireState } from './processFaults.js';
import type { DiskDamage } from './actions.js';
import { awaited, awaitServing, Skipped, TooLate, type Stage } from './stage.js';

/** What the others still lack is on its way when a node is killed; what a cut link held back is not, and stays there. */
const coveredMsMax = 1500;
/** A node that has the only copy goes on until its links let it hand that on. */
const attemptsMax = 6;
const attemptPauseMs = 1000;
const answerMsMax = 5000;

/**
 * Destroys a node's data. kvc promises that nothing acknowledged is lost as long as one node has it, so this happens only
 * when the others hold durably all that any client was ever told of: after the node was killed, for then it tells
 * nobody anything any more. The caller sees to it that no other node is down meanwhile.
 * @returns what was done, for the trace
 */
export async function loseDisk(stage: Stage, node: string, damage: DiskDamage): Promise<string> {
  const { cluster } = stage;
  requireState(stage, node, ['running']);
  const replica = await replicaOf(stage, node);
  const linesBefore = tornLines(stage, node);
  await killCovered(stage, node);
  try {
    const done = damageDisk(cluster.dataDir(node), damage, new Chance(stage.seed, `damage ${node}`));
    if (done === undefined) throw new Skipped(`${node} has no log yet`);
    await cluster.restart(node);
    await awaitServing(stage, node);
    const isOther = (await replicaOf(stage, node)) !== replica;
    count(stage, damage, isOther, tornLines(stage, node) > linesBefore);
    return isOther ? `${done}; it is another replica now` : done;
  } finally {
    if (cluster.stateOf(node) === 'killed') await cluster.restart(node);
  }
}

/** A busy node may not answer the first time. @throws TooLate if it goes on so */
async function replicaOf({ witness }: Stage, node: string): Promise<string> {
  let replica: string | undefined;
  await awaited(async () => {
    replica = await witness.ask(node).then(
      (state) => state.replica,
      () => undefined,
    );
    return replica !== undefined;
  }, answerMsMax);
  if (replica === undefined) throw new TooLate(`${node} does not answer`);
  return replica;
}

/** @throws Skipped if at no attempt the others had everything; the node runs then */
async function killCovered(stage: Stage, node: string): Promise<void> {
  const { cluster } = stage;
  for (let attempt = 1; ; attempt += 1) {
    await cluster.kill(node);
    const missing = await missingElsewhere(stage, node);
    if (missing.length === 0) return;
    await cluster.restart(node);
    if (attempt === attemptsMax) throw new Skipped(`only ${node} may have ${missing.slice(0, 3).join(', ')}`);
    await sleep(attemptPauseMs);
  }
}

async function missingElsewhere({ cluster, witness, seen }: Stage, node: string): Promise<readonly string[]> {
  const others = cluster.nodeNames().filter((name) => name !== node);
  let missing: readonly string[] = [];
  await awaited(async () => {
    const clocks = await Promise.all(others.map((other) => durableAt(witness, other)));
    missing = seen.missingFrom(clocks, (replica) => witness.hasLeft(replica));
    return missing.length === 0;
  }, coveredMsMax);
  return missing;
}

async function durableAt(witness: Stage['witness'], node: string): Promise<ClockJson> {
  try {
    return (await witness.ask(node)).durable;
  } catch {
    return {};
  }
}

function count({ tally }: Stage, damage: DiskDamage, isOther: boolean, isCut: boolean): void {
  if (isOther) tally.incarnations += 1;
  if (damage === 'wipe' && isOther) tally.disksLost += 1;
  if (damage === 'torn' && isCut) tally.tailsCut += 1;
  if (damage === 'flip' && (isOther || isCut)) tally.flipsNoticed += 1;
  if (damage === 'flip' && !isOther && !isCut) tally.flipsHarmless += 1;
}

function tornLines({ cluster }: Stage, node: string): number {
  return cluster.logged(node, 'cut a torn tail');
}
