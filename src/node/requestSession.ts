import type { Dot } from '../core/clock/dot.js';
import { emptyVector, withDot, type VersionVector } from '../core/clock/versionVector.js';
import { nodeOf } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { encodeToken, parseToken } from '../protocol/sessionToken.js';
import type { RunningNode } from './runningNode.js';

/** The header that carries a session token, both ways. */
export const sessionHeader = 'kvc-session';

/** What one request's client has observed: what its token says, and what this answer adds. */
export class RequestSession {
  /** undefined without a session: then a write depends on all that its replica has delivered. */
  readonly context: VersionVector | undefined;
  readonly #clusterId: string;
  #observed: VersionVector;

  /** @throws KVC_E_TOKEN_INVALID, KVC_E_TOKEN_FOREIGN */
  constructor(node: Pick<RunningNode, 'config' | 'peerUrls'>, token: string | undefined) {
    this.#clusterId = node.config.clusterId;
    this.context = token === undefined ? undefined : parseToken(token, this.#clusterId);
    if (this.context !== undefined) assertMembers(node, this.context);
    this.#observed = this.context ?? emptyVector;
  }

  observe(dot: Dot): void {
    this.#observed = withDot(this.#observed, dot);
  }

  token(): string {
    return encodeToken(this.#clusterId, this.#observed);
  }
}

/** What a stranger wrote is never delivered, so waiting for it would be in vain. */
function assertMembers(node: Pick<RunningNode, 'config' | 'peerUrls'>, context: VersionVector): void {
  for (const replica of context.keys()) {
    const name = nodeOf(replica);
    if (name === node.config.self || node.peerUrls.has(name)) continue;
    throw new KvcError(
      'KVC_E_TOKEN_INVALID',
      `the session token names ${name}, which is no node of this cluster; pass on tokens as they are given`,
      { node: name },
    );
  }
}
