import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockResponseJson } from '../../src/protocol/api.js';
import type { RunningProcess } from '../processes/nodes.js';
import { bodyOf } from './connection.js';
import { ConnectionPool } from './connectionPool.js';
import { runLoad, type LoadResult } from './load.js';
import { requestBytes, writeRequests } from './request.js';

/** One node of a cluster, and the connections to it. */
export interface Peer extends RunningProcess {
  readonly pool: ConnectionPool;
}

const levelMsMax = 60_000;
const burstMsMax = 60_000;

export function peersOf(nodes: readonly RunningProcess[]): Peer[] {
  return nodes.map(({ port, pid }) => ({ port, pid, pool: new ConnectionPool(port) }));
}

/** Writes as fast as 64 connections can, key after key. */
export async function burst({ port, pid }: Peer, writes: number): Promise<LoadResult> {
  const options = { port, pid, connections: 64, durationMs: burstMsMax, requestsMax: writes };
  const result = await runLoad({ ...options, requests: writeRequests(port) });
  if (result.errors > 0) throw new Error(`${result.errors} writes were not answered with 200`);
  return result;
}

/** How many ms it takes from now until all have delivered the same. */
export async function untilLevel(peers: readonly Peer[]): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const clocks = await Promise.all(peers.map(clockOf));
    const sinceMs = performance.now() - beganMs;
    if (new Set(clocks).size === 1) return sinceMs;
    if (sinceMs > levelMsMax) throw new Error(`the nodes are not level after ${levelMsMax} ms`);
    // Often enough for the figure, seldom enough not to be part of the work.
    await sleep(2);
  }
}

async function clockOf({ port, pool }: Peer): Promise<string> {
  const answer = await pool.ask(requestBytes('GET', port, '/clock'));
  return JSON.stringify((JSON.parse(bodyOf(answer)) as ClockResponseJson).clock);
}
