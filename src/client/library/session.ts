import { emptyVector } from '../../core/clock/versionVector.js';
import { KvcError } from '../../errors.js';
import { encodeToken, mergeTokens } from '../../protocol/sessionToken.js';

/** What the calls of a client have seen. It only grows, in whatever order their answers come. */
export class Session {
  readonly #clusterId: string;
  #token: string;

  /**
   * @param token - what has been seen before; `new` or undefined: nothing
   * @throws KvcError KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN
   */
  constructor(clusterId: string, token?: string) {
    this.#clusterId = clusterId;
    this.#token = encodeToken(clusterId, emptyVector);
    if (token !== undefined) this.advance(token);
  }

  get token(): string {
    return this.#token;
  }

  /** @throws KvcError KVC_E_TOKEN_INVALID or KVC_E_TOKEN_FOREIGN */
  advance(token: unknown): void {
    if (token === this.#token || token === 'new') return;
    if (typeof token !== 'string') throw new KvcError('KVC_E_TOKEN_INVALID', 'a session token is text');
    this.#token = mergeTokens(this.#token, token);
  }

  /** One that has seen the same, or what the token has, and then goes its own way. */
  fork(token = this.#token): Session {
    return new Session(this.#clusterId, token);
  }
}
