import type { DeliveryMode } from '../../src/core/delivery.js';
import { linkLimitDefaults } from '../../src/core/linkLimits.js';
import { runSchedule } from './randomSchedule.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { VirtualCluster } from './virtualCluster.js';

/** What kind of run a seed stands for. */
export function runOf(seed: number) {
  const random = new SeededRandom(seed * 7919 + 1);
  return {
    seed,
    nodes: random.between(2, 6),
    actions: random.between(10, 150),
    sessions: random.between(1, 4),
    loss: random.pick([0, 0.05, 0.3]),
    duplication: random.pick([0, 0.1, 0.5]),
    delayMsMax: random.pick([1, 30, 250]),
    batchUpdatesMax: random.pick([1, 4, 512]),
    pendingMax: random.pick([2, 10, 1000]),
    gapMsMax: random.pick([10, 30, 200]),
    upheavals: random.pick([0, 1, 3, 12]),
    upheavalRate: random.pick([0.05, 0.3]),
  };
}

/** A whole run, decided by its seed. What went wrong is in the oracle's violations. */
export function playRun(seed: number, delivery: DeliveryMode = 'causal'): VirtualCluster {
  const { batchUpdatesMax, pendingMax, ...run } = runOf(seed);
  const limits = { pendingMax, requestIdsMs: 5000, link: { ...linkLimitDefaults, batchUpdatesMax } };
  const cluster = new VirtualCluster({ ...run, delivery, limits });
  runSchedule(cluster, run);
  return cluster;
}
