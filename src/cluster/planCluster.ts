import { randomBytes } from 'node:crypto';
import { KvcError } from '../errors.js';
import type { DeliveryMode } from '../core/delivery.js';
import { parseNodeName } from '../protocol/names.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import { changedLimits } from '../protocol/nodeLimitsJson.js';
import type { ClusterFile } from './clusterFile.js';
import { withPorts } from './clusterNodes.js';
import { claimPorts, defaultBasePort, findPorts, type FoundPorts } from './ports.js';

/** What cluster is asked for, by `kvc up` or by who starts a temporary one. What is left out is as it was, or as the default has it. */
export interface ClusterRequest {
  readonly name: string;
  /** 1 to `limits.nodesMax`. Default 3. */
  readonly nodes?: number | undefined;
  /** Default causal. */
  readonly delivery?: DeliveryMode | undefined;
  /** The first node's port; the others follow. Must be free. Default: as recorded, or the next free from 7101. */
  readonly port?: number | undefined;
  /** Forget the cluster that there is, with its data. */
  readonly fresh?: boolean | undefined;
  /** Keep nothing: the cluster ends with `down`. */
  readonly ephemeral?: boolean | undefined;
  /** Limits of the nodes to change; the others stay as they are. */
  readonly limits?: Partial<NodeLimits> | undefined;
}

export interface ClusterPlan {
  readonly file: ClusterFile;
  /** What the user should know, such as ports other than the expected ones. */
  readonly notes: readonly string[];
}

/**
 * Fits a request to the cluster that there is. An ephemeral one that was left behind has nothing to keep.
 * @throws KvcError KVC_E_STATE_CONFLICT when the request would change a cluster that is kept
 */
export function settleCluster(request: ClusterRequest, recorded: ClusterFile | undefined): ClusterFile {
  const kept = request.fresh === true || recorded?.durability === 'ephemeral' ? undefined : recorded;
  if (kept === undefined) return newCluster(request, recorded);
  refuseChanges(request, kept);
  return { ...kept, limits: changedLimits({ ...kept.limits, ...request.limits }) };
}

/**
 * Chooses the ports on which the nodes will listen: from `port` on, or those in the file where they are free.
 * @throws KvcError KVC_E_PORT_TAKEN, KVC_E_USAGE
 */
export async function planPorts(file: ClusterFile, port: number | undefined): Promise<ClusterPlan> {
  const expected = file.nodes.map((node) => node.port);
  if (port !== undefined)
    return { file: withPorts(file, await claimPorts(port, expected.length)), notes: [] };
  const found = await findPorts(expected);
  return { file: withPorts(file, found.ports), notes: movedNotes(expected, found) };
}

function newCluster(request: ClusterRequest, previous: ClusterFile | undefined): ClusterFile {
  const names = Array.from({ length: request.nodes ?? 3 }, (_, index) => parseNodeName(`node${index + 1}`));
  return {
    id: randomBytes(8).toString('hex'),
    name: request.name,
    delivery: request.delivery ?? 'causal',
    durability: request.ephemeral === true ? 'ephemeral' : 'durable',
    founders: names,
    nodes: names.map((name, index) => ({
      name,
      port: previous?.nodes[index]?.port ?? defaultBasePort + index,
      hasServed: false,
    })),
    formerNodes: [],
    limits: changedLimits(request.limits ?? {}),
    supervisor: null,
  };
}

/** Limits may be changed at any start: they are no part of the data. */
function refuseChanges(request: ClusterRequest, kept: ClusterFile): void {
  const count = kept.nodes.length;
  const isOtherCount = request.nodes !== undefined && request.nodes !== count;
  const changes = [
    isOtherCount ? `it has ${count} ${count === 1 ? 'node' : 'nodes'}, not ${request.nodes}` : '',
    request.delivery !== undefined && request.delivery !== kept.delivery
      ? `its delivery is ${kept.delivery}, not ${request.delivery}`
      : '',
    request.ephemeral === true ? 'it keeps its data' : '',
  ].filter((change) => change !== '');
  if (changes.length === 0) return;
  throw new KvcError(
    'KVC_E_STATE_CONFLICT',
    `cluster "${kept.name}" exists already: ${changes.join(', ')}. --fresh deletes it and its data first.`,
    {
      try: [
        'the same without these flags',
        ...(isOtherCount ? ['kvc add or kvc remove, once it runs'] : []),
        '--fresh',
        '--cluster NAME for another one',
      ],
    },
  );
}

function movedNotes(expected: readonly number[], { ports, taken }: FoundPorts): string[] {
  if (ports.every((port, index) => port === expected[index])) return [];
  const listen = `the nodes listen on ${ports.join(', ')}, and for the Redis protocol 1000 above`;
  if (taken.length === 0) return [`not every node can have the port that it had; ${listen}`];
  const subject = taken.length === 1 ? `port ${taken.join()} is` : `ports ${taken.join(', ')} are`;
  return [`${subject} in use by another process; ${listen}`];
}
