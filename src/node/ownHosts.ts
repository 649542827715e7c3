import { ownPort } from '../driver/ownPort.js';
import { KvcError } from '../errors.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';

/** The hosts by which a node may be called. */
export class OwnHosts {
  readonly #hosts: ReadonlySet<string>;

  constructor(config: NodeConfig) {
    const port = ownPort(config);
    this.#hosts = new Set(['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`));
  }

  /**
   * A page on another site can make a browser resolve its own name to 127.0.0.1, but not send another Host.
   * @throws KvcError KVC_E_HOST_FORBIDDEN
   */
  require(host: string | undefined): void {
    if (host !== undefined && this.#hosts.has(host)) return;
    throw new KvcError(
      'KVC_E_HOST_FORBIDDEN',
      `this node answers to ${[...this.#hosts].join(', ')}, not to ${host ?? 'no host'}`,
    );
  }
}
