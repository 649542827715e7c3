import type { NodeName } from '../../core/ids.js';
import { KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import { parseFaultFilter, parseFaultsRequest, parseStepRequest } from '../../protocol/faultJson.js';
import type { StepResponseJson } from '../../protocol/faultsApi.js';
import { jsonReply, type Exchange, type Reply } from '../exchange.js';
import type { NodeLinks } from '../nodeLinks.js';

/** GET /faults */
export function getFaults(exchange: Exchange, node: NodeLinks): Reply {
  exchange.allowParameters();
  return jsonReply(node.transport.describe());
}

/** POST /faults {faults: [...]} */
export async function addFaults(exchange: Exchange, node: NodeLinks): Promise<Reply> {
  exchange.allowParameters();
  const faults = parseFaultsRequest(await exchange.json(limits.requestBodyBytesMax));
  for (const { target } of faults) assertPeer(node, target);
  node.transport.add(faults);
  return jsonReply(node.transport.describe());
}

/** DELETE /faults?id=&target=&kind=: those that match; all without any of them. */
export function removeFaults(exchange: Exchange, node: NodeLinks): Reply {
  exchange.allowParameters('id', 'target', 'kind');
  const filter = parseFaultFilter(exchange.query);
  const { faults } = node.transport.describe();
  // A peer that has left the cluster may have left a rule behind.
  if (filter.target !== undefined && !faults.some(({ target }) => target === filter.target)) {
    assertPeer(node, filter.target);
  }
  node.transport.remove(filter);
  return jsonReply(node.transport.describe());
}

/** POST /faults/step {target, count} */
export async function stepFault(exchange: Exchange, node: NodeLinks): Promise<Reply> {
  exchange.allowParameters();
  const { target, count } = parseStepRequest(await exchange.json(limits.requestBodyBytesMax));
  assertPeer(node, target);
  const released = node.transport.step(target, count);
  const held = node.transport.describe().links.find((link) => link.target === target)?.held ?? 0;
  return jsonReply({ released, held } satisfies StepResponseJson);
}

function assertPeer(node: NodeLinks, target: string): void {
  if (node.peers.urls.has(target as NodeName)) return;
  const peers = [...node.peers.urls.keys()];
  throw new KvcError(
    'KVC_E_NODE_UNKNOWN',
    `${node.config.self} has no link to ${target}; its links go to ${peers.join(', ') || 'nobody'}`,
    { node: target, peers },
  );
}
