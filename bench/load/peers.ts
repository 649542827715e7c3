import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockJson, ClockResponseJson, DigestResponseJson } from '../../src/protocol/api.js';
import type { InspectResponseJson } from '../../src/protocol/inspectApi.js';
import type { RunningNode } from '../processes/nodes.js';
import { bodyOf } from '../../src/load/connection.js';
import { ConnectionPool } from '../../src/load/connectionPool.js';
import { runLoad, type LoadResult } from './load.js';
import { requestBytes } from '../../src/load/requestBytes.js';
import { writeRequests } from './request.js';

/** One node of a cluster, and the connections to it. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly pool: ConnectionPool;
}

const levelMsMax = 300_000;
const burstMsMax = 300_000;

/** Often enough for the figure, seldom enough not to be part of the work. */
const lookMs = 2;

/** Uses the nodes over connections that are closed afterwards, also if that fails. */
export async function withPeers<T>(
  nodes: readonly RunningNode[],
  use: (peers: readonly Peer[]) => Promise<T>,
): Promise<T> {
  const peers = nodes.map(peerOf);
  try {
    return await use(peers);
  } finally {
    for (const { pool } of peers) pool.close();
  }
}

function peerOf(node: RunningNode): Peer {
  const { name, port } = node;
  // A node that is started again is another process.
  return {
    name,
    port,
    pool: new ConnectionPool(port),
    get pid() {
      return node.pid;
    },
  };
}

/** Writes as fast as 64 connections can, key after key, unless other requests are given. */
export async function burst(
  { port, pid }: Peer,
  count: number,
  requests: readonly Buffer[] = writeRequests(port),
): Promise<LoadResult> {
  const options = { port, pid, connections: 64, durationMs: burstMsMax, requestsMax: count };
  const result = await runLoad({ ...options, requests });
  if (result.errors > 0) throw new Error(`${result.errors} writes were not answered with 200`);
  if (result.answers < count) throw new Error(`${count} writes took longer than ${burstMsMax} ms`);
  return result;
}

/** How many ms it takes from now until all have delivered the same. */
export async function untilLevel(peers: readonly Peer[], everyMs = lookMs): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const clocks = await Promise.all(peers.map(clockOf));
    const sinceMs = performance.now() - beganMs;
    if (new Set(clocks.map((clock) => JSON.stringify(clock))).size === 1) return sinceMs;
    if (sinceMs > levelMsMax) throw new Error(`the nodes are not level after ${levelMsMax} ms`);
    await sleep(everyMs);
  }
}

/** How many ms it takes from now until all answer with the same digest. A digest reads every key, so it is not asked for in vain. */
export async function untilSame(peers: readonly Peer[]): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    await untilLevel(peers);
    const digests = await Promise.all(peers.map((peer) => ask<DigestResponseJson>(peer, '/digest')));
    const sinceMs = performance.now() - beganMs;
    if (new Set(digests.map(({ digest }) => digest)).size === 1) return sinceMs;
    if (sinceMs > levelMsMax) throw new Error(`the digests differ after ${levelMsMax} ms`);
  }
}

export async function clockOf(peer: Peer): Promise<ClockJson> {
  const { clock } = await ask<ClockResponseJson>(peer, '/clock');
  return clock;
}

/** How many updates a node has delivered. */
export async function deliveredBy(peer: Peer): Promise<number> {
  return Object.values(await clockOf(peer)).reduce((sum, counter) => sum + counter, 0);
}

export function inspectOf(peer: Peer): Promise<InspectResponseJson> {
  return ask(peer, '/inspect');
}

/** The JSON that a node answers to a GET. */
export async function ask<Json>({ port, pool }: Peer, target: string): Promise<Json> {
  return JSON.parse(bodyOf(await pool.ask(requestBytes('GET', port, target)))) as Json;
}
