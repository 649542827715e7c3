import { NodeClient } from '../client/nodeClient.js';
import type { ControlNodeJson } from '../cluster/controlApi.js';
import { openCluster } from '../cluster/openCluster.js';
import { KvcError, messageOf } from '../errors.js';
import type { ClockJson, ReadEntryJson } from '../protocol/api.js';
import { requireRunning } from './chooseNode.js';

/** What one node has for the keys asked; null where it did not answer. */
export interface NodeReading {
  readonly node: string;
  readonly entries: readonly ReadEntryJson[] | null;
  readonly clock: ClockJson | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Nobody waits for a session here, so a node that takes longer does not answer at all. */
const answerWithinMs = 2000;

/**
 * What every node has for the keys, each as one snapshot; the nodes are asked at the same time.
 * @throws KvcError KVC_E_NODE_UNREACHABLE if none answers
 */
export async function readAllNodes(clusterName: string, keys: readonly string[]): Promise<NodeReading[]> {
  const cluster = await openCluster(clusterName);
  const { nodes } = cluster.status;
  const readings = await Promise.all(nodes.map((node) => readNode(node, keys)));
  if (readings.some(({ entries }) => entries !== null)) return readings;
  const reasons = readings.map(({ error }) => error?.message ?? '').join('; ');
  throw new KvcError('KVC_E_NODE_UNREACHABLE', `no node answered: ${reasons}`, { try: ['kvc status'] });
}

async function readNode(node: ControlNodeJson, keys: readonly string[]): Promise<NodeReading> {
  try {
    requireRunning(node);
    const client = new NodeClient(node);
    const { entries, clock } = await client.readMany(keys, { requestTimeoutMs: answerWithinMs });
    return { node: node.name, entries, clock, error: null };
  } catch (error) {
    if (!(error instanceof KvcError) || !isSilence(error)) throw error;
    return {
      node: node.name,
      entries: null,
      clock: null,
      error: { code: error.code, message: messageOf(error) },
    };
  }
}

/** A node that refuses the request itself, because of a key that is too long for example, has answered. */
function isSilence({ kind }: KvcError): boolean {
  return kind.retryable;
}
