import type { ControlNodeJson } from '../cluster/controlApi.js';
import { openCluster } from '../cluster/openCluster.js';
import type { BenchOptions } from '../load/benchCluster.js';
import { benchPrefix } from '../load/benchRequests.js';
import { benchPlan, type BenchFlags } from './benchPlan.js';
import { chooseNode } from './chooseNode.js';

export interface PlannedBench extends Pick<BenchOptions, 'cluster' | 'durability' | 'nodes' | 'plan'> {
  /** What is to be said before it begins. */
  readonly notes: readonly string[];
}

/**
 * Which nodes of a running cluster are measured, and how.
 * @throws KvcError KVC_E_USAGE, KVC_E_CLUSTER_NOT_RUNNING, KVC_E_NODE_UNKNOWN, KVC_E_NODE_DOWN, KVC_E_NODE_PAUSED
 */
export async function planBench(
  flags: BenchFlags & { readonly cluster: string; readonly node: string | undefined },
): Promise<PlannedBench> {
  benchPlan(flags, 1);
  const cluster = await openCluster(flags.cluster);
  const status = await cluster.control.status();
  const name = flags.node === undefined ? undefined : cluster.resolveNode(flags.node).name;
  const first = chooseNode(status, name);
  const isRunning = ({ state }: ControlNodeJson) => state === 'running';
  const nodes = name === undefined ? status.nodes.filter(isRunning) : [first];
  const others = name === undefined ? status.nodes.filter((node) => !isRunning(node)) : [];
  return {
    cluster: status.cluster,
    durability: status.durability,
    nodes: nodes.map(({ name, port, url, resp_port: respPort }) => ({ name, port, url, respPort })),
    plan: benchPlan(flags, nodes.length),
    notes: [
      ...others.map(({ name, state }) => `${name} is ${state}, and left out`),
      `writes keys that begin with ${benchPrefix}, and deletes them in the end`,
    ],
  };
}
