import type { Dot } from '../core/clock/dot.js';
import { emptyVector, withDot, type VersionVector } from '../core/clock/versionVector.js';
import type { Replica } from '../core/replica.js';
import { encodeToken, parseToken } from '../protocol/sessionToken.js';
import type { RunningNode } from '../driver/runningNode.js';

/** The header that carries a session token, both ways. */
export const sessionHeader = 'kvc-session';

/** What one request's client has observed: what its token says, and what this answer adds. */
export class RequestSession {
  /** undefined without a session: then a write depends on all that its replica has delivered. */
  readonly context: VersionVector | undefined;
  readonly #clusterId: string;
  readonly #replica: Pick<Replica, 'isShed'>;
  #observed: VersionVector;

  /** @throws KVC_E_TOKEN_INVALID, KVC_E_TOKEN_FOREIGN */
  constructor(node: Pick<RunningNode, 'config' | 'replica'>, token: string | undefined) {
    this.#replica = node.replica;
    this.#clusterId = node.config.clusterId;
    this.context = token === undefined ? undefined : parseToken(token, this.#clusterId);
    this.#observed = this.context ?? emptyVector;
  }

  observe(dot: Dot): void {
    // Every node has all updates of such a replica: a token that names it would only grow.
    if (this.#replica.isShed(dot.replica)) return;
    this.#observed = withDot(this.#observed, dot);
  }

  token(): string {
    return encodeToken(this.#clusterId, this.#observed);
  }
}
