import { KvcError } from '../../errors.js';
import type { KnownNode } from './knownNode.js';

/** The nodes that a client can ask, and in which order. */
export class KnownNodes {
  readonly clusterId: string;
  readonly #nodes: readonly KnownNode[];
  /** The last one that answered a call that was free to go anywhere. */
  #preferred: KnownNode | undefined;
  /** What is to be added to this process's clock for request ids: see `correctClock`. */
  #clockOffsetMs = 0;

  constructor(clusterId: string, nodes: readonly KnownNode[]) {
    this.clusterId = clusterId;
    this.#nodes = nodes;
  }

  /** Which to ask, in this order: the last one that answered, those that nothing is known against, the others. */
  inOrder(): KnownNode[] {
    const rank = (node: KnownNode): number => (node.isAvoided ? 2 : node === this.#preferred ? 0 : 1);
    return this.#nodes.toSorted((one, other) => rank(one) - rank(other));
  }

  /**
   * The node of that name, and those of which the name is not known yet.
   * @throws KvcError KVC_E_NODE_UNKNOWN when all are known, and none is it
   */
  named(name: string): KnownNode[] {
    const named = this.#nodes.filter((node) => node.name === name);
    if (named.length > 0) return named;
    const unnamed = this.#nodes.filter((node) => node.name === undefined);
    if (unnamed.length > 0) return unnamed;
    const known = this.#nodes.map((node) => node.label);
    throw new KvcError(
      'KVC_E_NODE_UNKNOWN',
      `no node of this client is ${JSON.stringify(name)}; it has ${known.join(', ')}`,
      { node: name, known },
    );
  }

  prefer(node: KnownNode): void {
    this.#preferred = node;
  }

  /** Milliseconds since 1970, as the cluster has them. */
  get nowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** A node refused a request id for its age: by as much this process's clock is off. */
  correctClock(ageMs: number): void {
    this.#clockOffsetMs += ageMs;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map(({ sender }) => sender.close()));
  }
}
