import type { ClearFaultsJson, FaultJson, LinkEffectJson, PartitionShape } from '../cluster/controlApi.js';
import { openCluster, type ClusterHandle } from '../cluster/openCluster.js';
import { parseGroups } from '../notation/parseGroups.js';
import { parseTarget } from '../notation/parseTarget.js';

/** What a fault command was asked for; `target` as it was typed. */
export interface FaultRequest {
  readonly cluster: string;
  readonly target: string;
  readonly both: boolean;
  readonly forMs: number | undefined;
  readonly seed?: number | undefined;
}

export interface PartitionRequest {
  readonly cluster: string;
  /** As they were typed. */
  readonly division: { readonly groups: readonly string[] } | { readonly shape: PartitionShape };
  readonly forMs: number | undefined;
}

/** The faults that were cleared, whole or in part, as they were before, and those that stand. */
export interface ClearedFaults {
  readonly cleared: readonly FaultJson[];
  readonly faults: readonly FaultJson[];
}

/** What a command did that makes a fault or, given "off", ends some. */
export type FaultChange = FaultJson | ClearedFaults;

/** @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN, and what openCluster and the control API fail with */
export async function addFault(request: FaultRequest, effect: LinkEffectJson): Promise<FaultJson> {
  const cluster = await openCluster(request.cluster);
  return cluster.control.addFault({
    ...effect,
    target: parseTarget(request.target, cluster),
    both: request.both,
    for_ms: request.forMs ?? null,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  });
}

/** Makes a fault or, where the effect is "off", ends those of its kind. Fails as `addFault` does. */
export function changeFault(
  request: FaultRequest,
  kind: LinkEffectJson['kind'],
  effect: LinkEffectJson | 'off',
): Promise<FaultChange> {
  const { cluster, target, both } = request;
  return effect === 'off' ? clearFaults(cluster, { kind, target, both }) : addFault(request, effect);
}

/** @throws KvcError KVC_E_USAGE, KVC_E_NODE_UNKNOWN, and what openCluster and the control API fail with */
export async function addPartition({ cluster: name, division, forMs }: PartitionRequest): Promise<FaultJson> {
  const cluster = await openCluster(name);
  const groups = 'groups' in division ? { groups: parseGroups(division.groups, cluster) } : division;
  return cluster.control.addFault({ kind: 'partition', ...groups, for_ms: forMs ?? null });
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
