import { NodeClient, type RequestOptions } from '../client/nodeClient.js';
import { openCluster } from '../cluster/openCluster.js';
import type { ControlClient } from '../cluster/controlClient.js';
import { SessionStore } from '../cluster/sessionStore.js';
import { KvcError } from '../errors.js';
import { chooseNode } from './chooseNode.js';
import type { DataFlags } from './dataFlags.js';
import { explainFailure, isExplained } from './explainFailure.js';

/** What every answer to a data command has besides its own fields. */
export interface Answered {
  /** Who answered. */
  readonly node: string;
}

/**
 * Serves a command that reads or writes keys: finds the cluster and the node, passes on what the session has seen, and
 * keeps what it has seen now, before anything is shown.
 * @throws KvcError what openCluster, chooseNode and the node itself fail with
 */
export async function callNode<T extends { readonly session: string }>(
  flags: DataFlags,
  call: (node: NodeClient, options: RequestOptions) => Promise<T>,
): Promise<T & Answered> {
  const cluster = await openCluster(flags.cluster);
  const name = flags.node === undefined ? undefined : cluster.resolveNode(flags.node).name;
  const node = chooseNode(cluster.status, name);
  const sessions = new SessionStore(cluster.dir);
  const token = flags.token ?? (await tokenOf(sessions, flags.session));
  const options = { timeoutMs: flags.timeout, ...(token === undefined ? {} : { session: token }) };
  let result: T;
  try {
    result = await call(new NodeClient(node), options);
  } catch (error) {
    throw await explain(error, node.name, flags, cluster.control);
  }
  if (flags.session !== undefined) await sessions.save(flags.session, result.session);
  return { node: node.name, ...result };
}

async function tokenOf(sessions: SessionStore, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  return (await sessions.find(name))?.token ?? 'new';
}

async function explain(
  error: unknown,
  node: string,
  flags: DataFlags,
  control: ControlClient,
): Promise<unknown> {
  if (!(error instanceof KvcError) || !isExplained(error)) return error;
  const call = { node, session: flags.session, timeoutMs: flags.timeout };
  return explainFailure(error, call, await control.status());
}
