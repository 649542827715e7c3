import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { InspectResponseJson } from '../protocol/inspectApi.js';
import { formatClock } from '../view/formatClock.js';
import type { TortureCluster } from './tortureCluster.js';

/** How the nodes came to have the same. */
export type Levelling =
  | { readonly isLevel: true; readonly tookMs: number }
  /** What was still wrong when the time was over. */
  | {
      readonly isLevel: false;
      readonly tookMs: number;
      readonly why: string;
      /** All have delivered the same, so that a read of any of them is one of the last. */
      readonly hasDelivered: boolean;
    };

const pollMs = 100;
/** What nodes hold that have delivered the same does not change any more: to wait longer is of no use. */
const differentMsMax = 3000;

/** Waits until every node serves, has delivered the same, and nothing is pending anywhere; but not for ever. */
export async function awaitLevel(
  cluster: TortureCluster,
  withinMs: number,
  signal: AbortSignal,
): Promise<Levelling> {
  const startMs = performance.now();
  let differsSinceMs: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const uneven = await unevenness(cluster);
    const nowMs = performance.now();
    const tookMs = Math.round(nowMs - startMs);
    if (uneven === undefined) return { isLevel: true, tookMs };
    differsSinceMs = uneven.hasDelivered ? (differsSinceMs ?? nowMs) : undefined;
    const isFinal = differsSinceMs !== undefined && nowMs - differsSinceMs > differentMsMax;
    if (isFinal || tookMs > withinMs) return { isLevel: false, tookMs, ...uneven };
    await sleep(pollMs);
  }
}

interface Uneven {
  readonly why: string;
  readonly hasDelivered: boolean;
}

async function unevenness(cluster: TortureCluster): Promise<Uneven | undefined> {
  const down = cluster.nodes().find(({ state }) => state !== 'running');
  if (down !== undefined) {
    const detail = down.detail === null ? '' : `: ${down.detail}`;
    return { why: `${down.name} is ${down.state}${detail}`, hasDelivered: false };
  }
  try {
    const nodes = cluster.nodeNames().map((node) => cluster.client(node));
    const states = await Promise.all(nodes.map((node) => node.inspect()));
    const why = pendingIn(states) ?? differenceOf(states);
    if (why !== undefined) return { why, hasDelivered: false };
    const digests = await Promise.all(nodes.map((node) => node.digest()));
    const other = digests.find(({ digest }) => digest !== digests[0]?.digest);
    if (other === undefined) return undefined;
    const both = `${digests[0]?.node ?? ''} and ${other.node}`;
    return { why: `${both} have delivered the same and hold different things`, hasDelivered: true };
  } catch (error) {
    return { why: messageOf(error), hasDelivered: false };
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
