import type { ClockJson } from '../protocol/api.js';
import { Chance } from './chance.js';
import { damageDisk } from './damageDisk.js';
import { requireState } from './processFaults.js';
import type { DiskDamage } from './schedule.js';
import { awaited, awaitServing, Skipped, type Stage } from './stage.js';

/** What the others still lack is on its way, or waits for the end of the phase, when no fault acts any more. */
const coveredMsMax = 12_000;

/**
 * Destroys a node's data. kvc promises that nothing acknowledged is lost as long as one node has it, so this happens only
 * when the others hold durably all that any client was ever told of: after the node was killed, for then it tells
 * nobody anything any more. The caller sees to it that no other node is down meanwhile.
 * @returns what was done, for the trace
 */
export async function loseDisk(stage: Stage, node: string, damage: DiskDamage): Promise<string> {
  const { cluster, witness } = stage;
  requireState(stage, node, ['running']);
  const { replica } = await witness.ask(node);
  const linesBefore = tornLines(stage, node);
  await cluster.kill(node);
  try {
    await requireCovered(stage, node);
    const done = damageDisk(cluster.dataDir(node), damage, new Chance(stage.seed, `damage ${node}`));
    if (done === undefined) throw new Skipped(`${node} has no log yet`);
    await cluster.restart(node);
    await awaitServing(stage, node);
    const isOther = (await witness.ask(node)).replica !== replica;
    count(stage, damage, isOther, tornLines(stage, node) > linesBefore);
    return isOther ? `${done}; it is another replica now` : done;
  } finally {
    if (cluster.stateOf(node) === 'killed') await cluster.restart(node);
  }
}

async function requireCovered({ cluster, witness, seen }: Stage, node: string): Promise<void> {
  const others = cluster.nodeNames().filter((name) => name !== node);
  let missing: readonly string[] = [];
  const areCovered = await awaited(async () => {
    const clocks = await Promise.all(others.map((other) => durableAt(witness, other)));
    missing = seen.missingFrom(clocks, (replica) => witness.hasLeft(replica));
    return missing.length === 0;
  }, coveredMsMax);
  if (!areCovered) throw new Skipped(`only ${node} may have ${missing.slice(0, 3).join(', ')}`);
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
