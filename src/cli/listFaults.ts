import { NodeClient } from '../client/nodeClient.js';
import type { ControlNodeJson, FaultJson } from '../cluster/controlApi.js';
import { openCluster } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';
import type { LinkTrafficJson } from '../protocol/faultsApi.js';

/** A fault and what it does to messages; null where a node that would know does not answer. */
export type FaultWithTraffic = FaultJson & {
  /** How many wait on its links. */
  readonly waiting: number | null;
  /** On how many it has acted, since it was made or a node that it acts in last started. */
  readonly acted: number | null;
};

const answerWithinMs = 1000;

/** The faults of a cluster with what each did, and holds back: a message that waits on a link waits for all of its faults. */
export async function listFaults(clusterName: string): Promise<FaultWithTraffic[]> {
  const cluster = await openCluster(clusterName);
  const { nodes, faults } = cluster.status;
  if (faults.length === 0) return [];
  const traffic = new Map(
    await Promise.all(nodes.map(async (node) => [node.name, await trafficOf(node)] as const)),
  );
  return faults.map((fault) => ({
    ...fault,
    waiting: sumOver(fault, traffic, (link) => waitingFor(fault, link)),
    acted: sumOver(fault, traffic, (link) => link.acted[fault.kind] ?? 0),
  }));
}

async function trafficOf(node: ControlNodeJson): Promise<readonly LinkTrafficJson[] | null> {
  if (node.state !== 'running') return null;
  try {
    return (await new NodeClient(node).faults({ requestTimeoutMs: answerWithinMs })).links;
  } catch (error) {
    if (error instanceof KvcError && error.kind.retryable) return null;
    throw error;
  }
}

/** Over the links of a fault. */
function sumOver(
  fault: FaultJson,
  traffic: ReadonlyMap<string, readonly LinkTrafficJson[] | null>,
  count: (link: LinkTrafficJson) => number,
): number | null {
  let sum = 0;
  for (const { source, target } of fault.links) {
    const links = traffic.get(source) ?? null;
    if (links === null) return null;
    const link = links.find((each) => each.target === target);
    sum += link === undefined ? 0 : count(link);
  }
  return sum;
}

/** What a fault loses or sends twice does not wait. */
function waitingFor({ kind }: FaultJson, { held, delayed }: LinkTrafficJson): number {
  if (kind === 'hold') return held;
  return kind === 'delay' || kind === 'reorder' ? delayed : 0;
}
