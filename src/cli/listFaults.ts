import { NodeClient } from '../client/nodeClient.js';
import type { ControlNodeJson, FaultJson } from '../cluster/controlApi.js';
import { openCluster } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';
import type { LinkQueueJson } from '../protocol/api.js';

/** A fault, and how many messages wait on its links; null if a node that would know does not answer. */
export type FaultWithQueue = FaultJson & { readonly waiting: number | null };

const answerWithinMs = 1000;

/** The faults of a cluster with what each holds back. A message that a link both holds and delays counts for both. */
export async function listFaults(clusterName: string): Promise<FaultWithQueue[]> {
  const cluster = await openCluster(clusterName);
  const { nodes, faults } = await cluster.control.status();
  if (faults.length === 0) return [];
  const queues = new Map(
    await Promise.all(nodes.map(async (node) => [node.name, await queuesOf(node)] as const)),
  );
  return faults.map((fault) => ({ ...fault, waiting: waitingFor(fault, queues) }));
}

async function queuesOf(node: ControlNodeJson): Promise<readonly LinkQueueJson[] | null> {
  if (node.state !== 'running') return null;
  try {
    return (await new NodeClient(node).faults({ requestTimeoutMs: answerWithinMs })).links;
  } catch (error) {
    if (error instanceof KvcError && error.kind.retryable) return null;
    throw error;
  }
}

function waitingFor(
  fault: FaultJson,
  queues: ReadonlyMap<string, readonly LinkQueueJson[] | null>,
): number | null {
  let waiting = 0;
  for (const { source, target } of fault.links) {
    const links = queues.get(source) ?? null;
    if (links === null) return null;
    const queue = links.find((link) => link.target === target);
    waiting += (fault.kind === 'hold' ? queue?.held : queue?.delayed) ?? 0;
  }
  return waiting;
}
