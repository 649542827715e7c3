import { NodeClient } from '../client/nodeClient.js';
import { emptyVector, mergeVectors } from '../core/clock/versionVector.js';
import { parseClock } from '../protocol/clockJson.js';
import { limits } from '../protocol/limits.js';
import { encodeToken } from '../protocol/sessionToken.js';
import { benchPrefix } from './benchRequests.js';

/** A node under load. */
export interface BenchNode {
  readonly name: string;
  readonly port: number;
  readonly respPort: number;
  readonly url: string;
}

/** How long a node may take to get what the others have. */
const levelMsMax = 60_000;

/** The nodes of one cluster that are measured, as far as they are asked one by one. */
export class BenchNodes {
  readonly #clusterId: string;
  readonly #clients: readonly NodeClient[];

  /** @param nodes - at least one */
  constructor(clusterId: string, nodes: readonly BenchNode[]) {
    this.#clusterId = clusterId;
    this.#clients = nodes.map((node) => new NodeClient(node));
  }

  /**
   * Waits until each has what any of them has now.
   * @throws KvcError KVC_E_DEPS_TIMEOUT after a minute, KVC_E_ABORTED, and what a node answers
   */
  async untilLevel(signal?: AbortSignal): Promise<void> {
    const session = await this.#tokenOfAll();
    const options = { session, timeoutMs: levelMsMax, limit: 1, ...(signal === undefined ? {} : { signal }) };
    await Promise.all(this.#clients.map((client) => client.list(options)));
  }

  /**
   * Deletes all keys of the benchmark, having seen all versions of them: also what an earlier one left behind.
   * @returns how many there were
   * @throws KvcError what a node answers
   */
  async removeKeys(): Promise<number> {
    const [client] = this.#clients;
    let session = await this.#tokenOfAll();
    let removed = 0;
    for (;;) {
      const terms = { session, timeoutMs: levelMsMax };
      const page = await client?.list({ ...terms, prefix: benchPrefix, limit: limits.listLimitMax });
      if (client === undefined || page === undefined || page.keys.length === 0) return removed;
      const deletes = page.keys.map(({ key }) => ({ key, delete: true }) as const);
      ({ session } = await client.batch(deletes, { session: page.session, timeoutMs: levelMsMax }));
      removed += deletes.length;
    }
  }

  async #tokenOfAll(): Promise<string> {
    const answers = await Promise.all(this.#clients.map((client) => client.clock()));
    const clocks = answers.map(({ clock }) => parseClock(clock, 'clock'));
    return encodeToken(this.#clusterId, clocks.reduce(mergeVectors, emptyVector));
  }
}
