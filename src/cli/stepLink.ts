import { NodeClient } from '../client/nodeClient.js';
import type { LinkJson } from '../cluster/controlApi.js';
import { openCluster } from '../cluster/openCluster.js';
import { KvcError } from '../errors.js';
import type { StepResponseJson } from '../protocol/faultsApi.js';
import { linkText } from '../view/faultText.js';
import { chooseNode } from './chooseNode.js';
import { parseLink } from '../notation/parseTarget.js';

export type StepResult = LinkJson & StepResponseJson;

/**
 * Lets the first updates that a held link holds back through.
 * @throws KvcError KVC_E_STATE_CONFLICT if the link is not held; KVC_E_NODE_DOWN or _PAUSED if its source does not run
 */
export async function stepLink(clusterName: string, linkName: string, count: number): Promise<StepResult> {
  const cluster = await openCluster(clusterName);
  const link = parseLink(linkName, cluster);
  const source = new NodeClient(chooseNode(cluster.status, link.source));
  const { faults } = await source.faults();
  if (!faults.some(({ kind, target }) => kind === 'hold' && target === link.target)) {
    const name = `${link.source}:${link.target}`;
    throw new KvcError('KVC_E_STATE_CONFLICT', `${linkText(link)} is not held, so there is nothing to step`, {
      ...link,
      try: [`kvc hold ${name}`],
    });
  }
  return { ...link, ...(await source.step(link.target, count)) };
}
