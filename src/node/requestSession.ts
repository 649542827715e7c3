import type { Dot } from '../core/clock/dot.js';
import { emptyVector, withDot, type VersionVector } from '../core/clock/versionVector.js';
import { encodeToken, parseToken } from '../protocol/sessionToken.js';

/** The header that carries a session token, both ways. */
export const sessionHeader = 'kvc-session';

/** What one request's client has observed: what its token says, and what this answer adds. */
export class RequestSession {
  /** undefined without a session: then a write depends on all that its replica has delivered. */
  readonly context: VersionVector | undefined;
  readonly #clusterId: string;
  #observed: VersionVector;

  /** @throws KVC_E_TOKEN_INVALID, KVC_E_TOKEN_FOREIGN */
  constructor(clusterId: string, token: string | undefined) {
    this.#clusterId = clusterId;
    this.context = token === undefined ? undefined : parseToken(token, clusterId);
    this.#observed = this.context ?? emptyVector;
  }

  observe(dot: Dot): void {
    this.#observed = withDot(this.#observed, dot);
  }

  token(): string {
    return encodeToken(this.#clusterId, this.#observed);
  }
}
