import type { AskedNode, ClientNodes } from '../clientNodes.js';
import type { TortureCluster } from '../tortureCluster.js';
import { RespNode } from './respNode.js';

/** The nodes over the Redis protocol: a connection is a session, so each session has connections of its own. */
export class RespNodes implements ClientNodes {
  readonly takesRequestIds = false;
  readonly #cluster: Pick<TortureCluster, 'nodeNames' | 'respPort'>;
  readonly #nodes = new Map<string, RespNode>();

  constructor(cluster: Pick<TortureCluster, 'nodeNames' | 'respPort'>) {
    this.#cluster = cluster;
  }

  nodeNames(): readonly string[] {
    return this.#cluster.nodeNames();
  }

  client(node: string): AskedNode {
    const port = this.#cluster.respPort(node);
    const known = this.#nodes.get(node);
    if (known?.port === port) return known;
    known?.close();
    const fresh = new RespNode({ name: node, port });
    this.#nodes.set(node, fresh);
    return fresh;
  }

  beginSession(): void {
    for (const node of this.#nodes.values()) node.close();
    this.#nodes.clear();
  }
}
