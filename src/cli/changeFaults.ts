import type { ClearFaultsJson, FaultJson } from '../cluster/controlApi.js';
import { openCluster, type ClusterHandle } from '../cluster/openCluster.js';
import type { FaultEffectJson } from '../protocol/api.js';
import { parseTarget } from './parseTarget.js';

/** What a fault command was asked for; `target` as it was typed. */
export interface FaultRequest {
  readonly cluster: string;
  readonly target: string;
  readonly both: boolean;
  readonly forMs: number | undefined;
  readonly effect: FaultEffectJson;
}

/** The faults that were cleared, whole or in part, as they were before, and those that stand. */
export interface ClearedFaults {
  readonly cleared: readonly FaultJson[];
  readonly faults: readonly FaultJson[];
}

/** @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN, and what openCluster and the control API fail with */
export async function addFault({ cluster: name, effect, ...request }: FaultRequest): Promise<FaultJson> {
  const cluster = await openCluster(name);
  const target = parseTarget(request.target, cluster);
  return cluster.control.addFault({
    ...effect,
    target,
    both: request.both,
    for_ms: request.forMs ?? null,
  });
}

/** Clears the faults that match, all of them without a filter. That none does is no error. */
export async function clearFaults(name: string, filter: ClearFaultsJson = {}): Promise<ClearedFaults> {
  const cluster = await openCluster(name);
  const { faults: before } = await cluster.control.status();
  const { cleared, faults } = await cluster.control.clearFaults(withFullNames(filter, cluster));
  return { cleared: before.filter(({ id }) => cleared.includes(id)), faults };
}

function withFullNames(filter: ClearFaultsJson, cluster: ClusterHandle): ClearFaultsJson {
  return filter.target === undefined ? filter : { ...filter, target: parseTarget(filter.target, cluster) };
}
