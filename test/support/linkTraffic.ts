import type { NodeClient } from '../../src/client/nodeClient.js';
import type { LinkCountsJson } from '../../src/protocol/faultsApi.js';

/** What became of the messages of each link of the cluster, as in `node1:node3`, since its source started. */
export async function linkTraffic(
  nodes: readonly NodeClient[],
): Promise<ReadonlyMap<string, LinkCountsJson>> {
  const answers = await Promise.all(nodes.map((node) => node.faults()));
  const links = answers.flatMap((answer) => answer.links);
  return new Map(links.map((link) => [`${link.source}:${link.target}`, link]));
}

/** The same for the whole cluster. */
export function totalTraffic(traffic: ReadonlyMap<string, LinkCountsJson>): LinkCountsJson {
  const total = { messages: 0, dropped: 0, duplicated: 0, reordered: 0, delayed_total: 0, held_total: 0 };
  for (const link of traffic.values()) {
    for (const name of Object.keys(total) as (keyof LinkCountsJson)[]) total[name] += link[name];
  }
  return total;
}
