import { setTimeout as sleep } from 'node:timers/promises';
import { NodeClient } from '../client/nodeClient.js';
import { KvcError, messageOf } from '../errors.js';
import { formatClock } from '../view/formatClock.js';
import type { NodeGroup } from './nodeGroup.js';

const pollMsFirst = 2;
const pollMsMax = 50;
/** A node that does not answer so long is asked again. */
const answerMsMax = 2000;

/**
 * Waits until all nodes that are neither killed nor paused have the same clock and the same content.
 * @param signal - ends the waiting, with its reason
 * @throws KvcError KVC_E_VERDICT_UNKNOWN
 */
export async function awaitConvergence(
  group: NodeGroup,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let pollMs = pollMsFirst; ; pollMs = Math.min(pollMs * 2, pollMsMax)) {
    signal.throwIfAborted();
    const why = await difference(group);
    if (why === undefined) return;
    if (performance.now() >= deadlineMs) throw notConverged(group, timeoutMs, why);
    await sleep(pollMs);
  }
}

/** undefined if there is none. */
async function difference(group: NodeGroup): Promise<string | undefined> {
  const states = group.nodes.map((node) => ({ node, state: group.stateOf(node.name) }));
  const awaited = states.filter(({ state }) => state !== 'killed' && state !== 'paused');
  const late = awaited.find(({ state }) => state !== 'running');
  if (late !== undefined) return `${late.node.name} is ${late.state}`;
  const clients = awaited.map(({ node }) => new NodeClient(node));
  try {
    return (await differingClocks(clients)) ?? (await differingContent(clients));
  } catch (error) {
    return messageOf(error);
  }
}

/** Asked first, for it costs a node nothing. */
async function differingClocks(clients: readonly NodeClient[]): Promise<string | undefined> {
  const clocks = await Promise.all(
    clients.map(async (client) => {
      const { clock } = await client.clock({ requestTimeoutMs: answerMsMax });
      return { name: client.name, clock: formatClock(clock) };
    }),
  );
  if (new Set(clocks.map(({ clock }) => clock)).size <= 1) return undefined;
  return clocks.map(({ name, clock }) => `${name} has delivered ${clock}`).join(', ');
}

async function differingContent(clients: readonly NodeClient[]): Promise<string | undefined> {
  const digests = await Promise.all(clients.map((client) => client.digest()));
  const states = digests.map(({ clock, digest }) => `${formatClock(clock)} ${digest}`);
  if (new Set(states).size <= 1) return undefined;
  return `${digests.map(({ node }) => node).join(', ')} hold different things`;
}

function notConverged(group: NodeGroup, timeoutMs: number, why: string): KvcError {
  const faults = group.faults.list().map(({ kind, target }) => `${kind} ${target}`);
  const standing = faults.length === 0 ? '' : `. Faults that stand: ${faults.join('; ')}`;
  const message = `the nodes did not converge within ${timeoutMs} ms: ${why}${standing}`;
  return new KvcError('KVC_E_VERDICT_UNKNOWN', message, { why, faults });
}
