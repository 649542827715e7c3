import { CausalClient } from './causalClient.js';
import { inScope } from './callScope.js';
import { parseConnectOptions } from './connectTerms.js';
import { KnownNode } from './knownNode.js';
import { KnownNodes } from './knownNodes.js';
import type { KvcClient } from './kvcClient.js';
import { Lifetime } from './lifetime.js';
import { meetNodes } from './meetNodes.js';
import type { ConnectOptions } from './options.js';
import { Session } from './session.js';

/**
 * Connects to a cluster. The client is a session: what it has written and read, it finds again, whichever node it asks. Nodes that
 * do not answer yet are no hindrance as long as one does.
 *
 * @throws KvcError KVC_E_BAD_REQUEST for options that are none; KVC_E_NODE_UNREACHABLE when no node answers within `timeout`;
 * KVC_E_CLUSTER_FOREIGN when the nodes are of different clusters; KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN for `session`;
 * KVC_E_ABORTED when `signal` is aborted
 *
 * @example
 * ```ts
 * import { connect } from 'kvc';
 *
 * await using client = await connect({ nodes: ['http://127.0.0.1:7101', 'http://127.0.0.1:7102'] });
 * await client.set('greeting', { text: 'hello' });
 * const { value } = await client.get<{ text: string }>('greeting');
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<KvcClient> {
  const { urls, timeoutMs, codec } = parseConnectOptions(options, process.env);
  const known = urls.map((url) => new KnownNode(url));
  const lifetime = new Lifetime();
  try {
    const terms = { timeoutMs, signal: options.signal, lifetime };
    const clusterId = await inScope(terms, (scope) => meetNodes(known, scope));
    const session = new Session(clusterId, options.session);
    const nodes = new KnownNodes(clusterId, known);
    const parts = { nodes, session, codec, timeoutMs, lifetime, pinned: undefined };
    return closingWith(options.signal, new CausalClient(parts, () => nodes.close()), lifetime);
  } catch (error) {
    await Promise.all(known.map(({ sender }) => sender.close()));
    throw error;
  }
}

function closingWith(signal: AbortSignal | undefined, client: KvcClient, lifetime: Lifetime): KvcClient {
  if (signal === undefined) return client;
  const close = (): void => void client.close();
  signal.addEventListener('abort', close, { once: true });
  lifetime.onEnd(() => signal.removeEventListener('abort', close));
  return client;
}
