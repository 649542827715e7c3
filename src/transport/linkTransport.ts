import type { NodeName } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { joinRequestText, type JoinRequest } from '../protocol/joinJson.js';
import { limits } from '../protocol/limits.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { decodeSnapshotChunk, type SnapshotChunk } from '../protocol/snapshotChunk.js';
import { snapshotPartRequestText, type SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';
import { closedError } from './closedError.js';
import { OutgoingLink } from './outgoingLink.js';
import { peerRequest } from './peerRequest.js';
import { problemOf } from './problemOf.js';
import type { Transport } from './transport.js';

export interface LinkTransportOptions {
  /** The cluster to which both ends must belong. */
  readonly clusterId: string;
  /** How long to wait for a connection, or for the next answer on one. In ms, default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Sends messages as frames on one connection to each peer, which is opened by the first message and again by the first after
 * it has ended. Snapshots and requests to join are HTTP requests of their own.
 *
 * A failure of the connection fails all that is under way on it, so that a frozen peer does not cost each message its own timeout,
 * one after the other.
 */
export class LinkTransport implements Transport {
  readonly #peers: ReadonlyMap<NodeName, string>;
  readonly #clusterId: string;
  readonly #timeoutMs: number;
  /** By URL: a node that was added again may listen elsewhere. */
  readonly #links = new Map<string, OutgoingLink>();
  readonly #ended = new AbortController();

  /** @param peers - base URLs, such as `http://127.0.0.1:7102`; it may change at any time */
  constructor(peers: ReadonlyMap<NodeName, string>, options: LinkTransportOptions) {
    const { clusterId, timeoutMs = 10_000 } = options;
    this.#peers = peers;
    this.#clusterId = clusterId;
    this.#timeoutMs = timeoutMs;
  }

  async send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    this.#requireOpen();
    return this.#linkTo(peer, this.#urlOf(peer)).send(message);
  }

  async fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    const body = await this.#ask(peer, '/snapshot', snapshotPartRequestText(request));
    return decodeSnapshotChunk(body);
  }

  async join(peer: NodeName, request: JoinRequest): Promise<void> {
    await this.#ask(peer, '/members/join', joinRequestText(request));
  }

  close(): Promise<void> {
    this.#ended.abort();
    for (const link of this.#links.values()) link.end(closedError());
    this.#links.clear();
    return Promise.resolve();
  }

  async #ask(peer: NodeName, path: string, body: string): Promise<Buffer> {
    this.#requireOpen();
    const url = this.#urlOf(peer);
    try {
      return await peerRequest({
        url: new URL(path, url),
        clusterId: this.#clusterId,
        body,
        timeoutMs: this.#timeoutMs,
        answerBytesMax: limits.snapshotBodyBytesMax,
        signal: this.#ended.signal,
      });
    } catch (error) {
      if (error instanceof KvcError) throw error;
      if (this.#isClosed) throw closedError();
      throw unreachable(peer, url, problemOf(error, this.#timeoutMs), error);
    }
  }

  get #isClosed(): boolean {
    return this.#ended.signal.aborted;
  }

  #urlOf(peer: NodeName): string {
    const url = this.#peers.get(peer);
    if (url !== undefined) return url;
    throw new KvcError('KVC_E_NODE_UNKNOWN', `${peer} is no peer of this node`, { node: peer });
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  #linkTo(peer: NodeName, url: string): OutgoingLink {
    const open = this.#links.get(url);
    if (open !== undefined && !open.isEnded) return open;
    this.#dropForeign();
    const link = new OutgoingLink({
      url,
      clusterId: this.#clusterId,
      timeoutMs: this.#timeoutMs,
      unreachable: (problem, cause) => unreachable(peer, url, problem, cause),
    });
    this.#links.set(url, link);
    return link;
  }

  /** Where a node was that now listens elsewhere, or is gone, nobody is called any more. */
  #dropForeign(): void {
    const urls = new Set(this.#peers.values());
    for (const [url, link] of this.#links) {
      if (urls.has(url)) continue;
      this.#links.delete(url);
      link.abandon();
    }
  }
}

function unreachable(peer: NodeName, url: string, problem: string, cause: unknown): KvcError {
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} (${url}) ${problem}`, { node: peer }, { cause });
}
