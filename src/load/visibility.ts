import { headerOf } from './connection.js';
import type { ConnectionPool } from './connectionPool.js';
import { requestBytes } from './requestBytes.js';

/** A node, and the connections to it. */
export interface Asked {
  readonly port: number;
  readonly pool: ConnectionPool;
}

/** A write that was acknowledged, in a session of its own. */
export interface Acknowledged {
  /** When, by `performance.now()`. */
  readonly atMs: number;
  readonly session: string | undefined;
}

/** @throws KvcError what the node answers, or KVC_E_NODE_UNREACHABLE */
export async function writeAlone({ port, pool }: Asked, key: string, value: string): Promise<Acknowledged> {
  const answer = await pool.ask(requestBytes('POST', port, '/write', { body: { key, value } }));
  return { atMs: performance.now(), session: headerOf(answer, 'kvc-session') };
}

/**
 * Reads the key with the session of its write, which a node answers as soon as it has delivered that: no polling and its noise.
 * @returns how long after the acknowledgement the answer came, in ms; that contains one read
 * @throws KvcError what the node answers, or KVC_E_NODE_UNREACHABLE
 */
export async function readableAfterMs(
  { port, pool }: Asked,
  key: string,
  { atMs, session }: Acknowledged,
): Promise<number> {
  await pool.ask(requestBytes('GET', port, `/read?key=${key}`, { session }));
  return performance.now() - atMs;
}
