import { asKvcError, type KvcError } from '../errors.js';
import { BenchNodes, type BenchNode } from './benchNodes.js';
import type { BenchLineJson, BenchReport } from './benchReport.js';
import { worksOf, type BenchPlan, type BenchWork } from './benchWorks.js';
import { measureVisibility } from './measureVisibility.js';
import { fillKeys, measureWork } from './measureWork.js';

/** What is being done, for people who wait. */
export interface BenchProgress {
  readonly doing: 'fills' | 'works' | 'looks' | 'removes';
  /** What is measured, where it is a kind of work. */
  readonly work?: BenchWork;
  /** Of what it does, so far. */
  readonly requests: number;
  readonly elapsedMs: number;
}

export interface BenchOptions {
  readonly cluster: { readonly id: string; readonly name: string };
  readonly durability: 'durable' | 'ephemeral';
  /** At least one; clients are divided among them. */
  readonly nodes: readonly BenchNode[];
  readonly plan: BenchPlan;
  /** Ends it: with KVC_E_ABORTED, when its keys are deleted. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  /** Called where the keys could not be deleted. */
  readonly onKeysLeft: (error: KvcError) => void;
}

/**
 * Measures a running cluster: fills it with keys, reads and writes them in each of the ways of the plan, and deletes them again, however
 * it ends.
 * @throws KvcError KVC_E_NODE_UNREACHABLE, KVC_E_OVERLOADED, KVC_E_ABORTED, and what a node answers
 */
export async function benchCluster(options: BenchOptions): Promise<BenchReport> {
  const { cluster, durability, nodes, plan } = options;
  const all = new BenchNodes(cluster.id, nodes);
  let deleted: number | null;
  let measured: Measured;
  try {
    measured = await measure(options, all);
  } finally {
    deleted = await removeKeys(options, all);
  }
  return {
    cluster: { id: cluster.id, name: cluster.name },
    nodes: nodes.map(({ name }) => name),
    durability,
    clients: plan.clients,
    keys: plan.keys,
    value_bytes: plan.valueBytes,
    seconds: plan.seconds,
    ...measured,
    deleted_keys: deleted,
  };
}

type Measured = Pick<BenchReport, 'lines' | 'visibility'>;

/** What the measurement failed of is to be told, not what this fails of. @returns null if it failed */
async function removeKeys({ onProgress, onKeysLeft }: BenchOptions, all: BenchNodes): Promise<number | null> {
  onProgress({ doing: 'removes', requests: 0, elapsedMs: 0 });
  try {
    return await all.removeKeys();
  } catch (error) {
    onKeysLeft(asKvcError(error));
    return null;
  }
}

async function measure(
  { nodes, plan, signal, onProgress }: BenchOptions,
  all: BenchNodes,
): Promise<Measured> {
  const watched = (doing: BenchProgress['doing'], work?: BenchWork) => ({
    signal,
    seconds: plan.seconds,
    onProgress: (requests: number, elapsedMs: number) =>
      onProgress({ doing, requests, elapsedMs, ...(work === undefined ? {} : { work }) }),
  });
  const [first] = nodes;
  if (first === undefined) throw new RangeError('there is no node to measure');
  await fillKeys(first, plan, watched('fills'));
  await all.untilLevel(signal);
  const lines: BenchLineJson[] = [];
  for (const work of worksOf(plan)) {
    lines.push(await measureWork(nodes, plan.clients, work, watched('works', work)));
    await all.untilLevel(signal);
  }
  const isAlone = nodes.length === 1;
  return { lines, visibility: isAlone ? null : await measureVisibility(nodes, plan, watched('looks')) };
}
