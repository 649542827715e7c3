import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';
import { formatClock } from '../view/formatClock.js';
import type { TortureCluster } from './tortureCluster.js';

/** How the nodes came to have the same. */
export type Levelling =
  | { readonly isLevel: true; readonly tookMs: number }
  /** What was still wrong when the time was over. */
  | { readonly isLevel: false; readonly tookMs: number; readonly why: string };

const pollMs = 100;

/** Waits until every node serves, has delivered the same, and nothing is pending anywhere; but not for ever. */
export async function awaitLevel(
  cluster: TortureCluster,
  withinMs: number,
  signal: AbortSignal,
): Promise<Levelling> {
  const startMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const why = await unevenness(cluster);
    const tookMs = Math.round(performance.now() - startMs);
    if (why === undefined) return { isLevel: true, tookMs };
    if (tookMs > withinMs) return { isLevel: false, tookMs, why };
    await sleep(pollMs);
  }
}

async function unevenness(cluster: TortureCluster): Promise<string | undefined> {
  const down = cluster.nodes().find(({ state }) => state !== 'running');
  if (down !== undefined)
    return `${down.name} is ${down.state}${down.detail === null ? '' : `: ${down.detail}`}`;
  try {
    const nodes = cluster.nodeNames().map((node) => cluster.client(node));
    const states = await Promise.all(nodes.map((node) => node.inspect()));
    const uneven = pendingIn(states) ?? differenceOf(states);
    if (uneven !== undefined) return uneven;
    const digests = await Promise.all(nodes.map((node) => node.digest()));
    const other = digests.find(({ digest }) => digest !== digests[0]?.digest);
    if (other === undefined) return undefined;
    return `${digests[0]?.node ?? ''} and ${other.node} have delivered the same and hold different things`;
  } catch (error) {
    return messageOf(error);
  }
}

function pendingIn(states: readonly InspectResponseJson[]): string | undefined {
  const waiting = states.find(({ pending_total }) => pending_total > 0);
  const [first] = waiting?.pending ?? [];
  if (waiting === undefined) return undefined;
  const missing = first === undefined ? '' : `, the first for ${first.missing.node}:${first.missing.counter}`;
  return `at ${waiting.node} ${waiting.pending_total} updates are pending${missing}`;
}

function differenceOf([first, ...others]: readonly InspectResponseJson[]): string | undefined {
  if (first === undefined) return undefined;
  const text = formatClock(first.clock);
  const other = others.find(({ clock }) => formatClock(clock) !== text);
  if (other === undefined) return undefined;
  return `${first.node} has delivered ${text} and ${other.node} ${formatClock(other.clock)}`;
}
