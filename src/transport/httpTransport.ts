import type { Client } from 'undici';
import type { NodeName } from '../core/ids.js';
import { KvcError, messageOf } from '../errors.js';
import { errorOfText } from '../protocol/errorJson.js';
import { parseJson } from '../protocol/json.js';
import { parseReplicateAnswer, replicateRequestText } from '../protocol/replicateJson.js';
import { joinRequestText, type JoinRequest } from '../protocol/joinJson.js';
import { limits } from '../protocol/limits.js';
import { clusterHeader, type ReplicateAnswer, type ReplicateMessage } from '../protocol/replicateMessage.js';
import { decodeSnapshotChunk, type SnapshotChunk } from '../protocol/snapshotChunk.js';
import { snapshotPartRequestText, type SnapshotPartRequest } from '../protocol/snapshotPartRequest.js';
import { closedError } from './closedError.js';
import { peerRequest } from './peerRequest.js';
import type { Transport } from './transport.js';

export interface HttpTransportOptions {
  /** The cluster to which both ends must belong. */
  readonly clusterId: string;
  /** How long to wait for a connection, or for the next answer on one. In ms, kept to within a second; default 10,000. */
  readonly timeoutMs?: number;
}

/** More than any sender's window: messages wait in the peer's socket, in order, and never here. */
const messagesInFlightMax = 1024;
/** An acknowledgement is two version vectors. */
const answerBytesMax = 1024 * 1024;

/**
 * Sends messages as POST /replicate. All messages to a peer share one connection, pipelined, so that they arrive in the
 * order of the calls while several are under way. HTTP answers in order too: an answer that waits for a disk holds up
 * those behind it, which wait for the same disk.
 *
 * A failure of the connection fails all that is under way on it. Otherwise undici would send the rest again, and a
 * frozen peer would cost each of them its own timeout, one after the other.
 */
export class HttpTransport implements Transport {
  readonly #peers: ReadonlyMap<NodeName, string>;
  readonly #options: HttpTransportOptions;
  readonly #timeoutMs: number;
  readonly #headers: Record<string, string>;
  /** By URL: a node that was added again may listen elsewhere. */
  readonly #clients = new Map<string, Client>();
  readonly #ended = new AbortController();
  /** Loaded at the first message: it takes as long to load as the rest of a node, which is to serve before that. */
  #undici: Promise<{ readonly Client: typeof Client }> | undefined;

  /** @param peers - base URLs, such as `http://127.0.0.1:7102`; it may change at any time */
  constructor(peers: ReadonlyMap<NodeName, string>, options: HttpTransportOptions) {
    const { clusterId, timeoutMs = 10_000 } = options;
    this.#options = options;
    this.#peers = peers;
    this.#timeoutMs = timeoutMs;
    this.#headers = { 'content-type': 'application/json', [clusterHeader]: clusterId };
  }

  async send(peer: NodeName, message: ReplicateMessage): Promise<ReplicateAnswer> {
    this.#requireOpen();
    const url = this.#urlOf(peer);
    // Awaited by every message, so that none overtakes those that waited for it to load.
    const undici = await (this.#undici ??= import('./undiciClient.js'));
    this.#requireOpen();
    const client = this.#clientFor(undici.Client, url);
    const { status, text } = await post(client, this.#headers, replicateRequestText(message)).catch(
      (error: unknown) => {
        this.#drop(url, client, error);
        throw this.#isClosed ? closedError() : this.#unreachable(peer, url, error);
      },
    );
    if (status === 200) return readAnswer(peer, url, text);
    throw errorOfText(text, status);
  }

  async fetchSnapshot(peer: NodeName, request: SnapshotPartRequest): Promise<SnapshotChunk> {
    const body = await this.#ask(peer, '/snapshot', snapshotPartRequestText(request));
    return decodeSnapshotChunk(body);
  }

  async join(peer: NodeName, request: JoinRequest): Promise<void> {
    await this.#ask(peer, '/members/join', joinRequestText(request));
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.all([...this.#clients.values()].map((client) => client.destroy()));
    this.#clients.clear();
  }

  async #ask(peer: NodeName, path: string, body: string): Promise<Buffer> {
    this.#requireOpen();
    const url = this.#urlOf(peer);
    const { clusterId } = this.#options;
    try {
      return await peerRequest({
        url: new URL(path, url),
        clusterId,
        body,
        timeoutMs: this.#timeoutMs,
        answerBytesMax: limits.snapshotBodyBytesMax,
        signal: this.#ended.signal,
      });
    } catch (error) {
      if (error instanceof KvcError) throw error;
      throw this.#isClosed ? closedError() : this.#unreachable(peer, url, error);
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

  #clientFor(NewClient: typeof Client, url: string): Client {
    const open = this.#clients.get(url);
    if (open !== undefined) return open;
    this.#dropForeign();
    const client = new NewClient(url, {
      pipelining: messagesInFlightMax,
      connectTimeout: this.#timeoutMs,
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
      maxResponseSize: answerBytesMax,
    });
    this.#clients.set(url, client);
    return client;
  }

  /** Ends the connection with all that is under way on it; the next message opens another. */
  #drop(url: string, client: Client, error: unknown): void {
    if (this.#clients.get(url) !== client) return;
    this.#clients.delete(url);
    client.destroy(error instanceof Error ? error : null, noop);
  }

  /** Where a node was that now listens elsewhere, or is gone, nobody is called any more. */
  #dropForeign(): void {
    const urls = new Set(this.#peers.values());
    for (const [url, client] of this.#clients) if (!urls.has(url)) this.#drop(url, client, null);
  }

  #unreachable(peer: NodeName, url: string, error: unknown): KvcError {
    const problem = problemOf(error, this.#timeoutMs);
    return unreachable(peer, url, problem, error);
  }
}

/** What a destroyed client's requests got is reported by each of them. */
function noop(): void {
  return;
}

async function post(
  client: Client,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  const response = await client.request({
    method: 'POST',
    path: '/replicate',
    headers,
    body,
    // A repeated message changes nothing, and no message waits for the answer to the one before it.
    idempotent: true,
    blocking: false,
  });
  return { status: response.statusCode, text: await response.body.text() };
}

function readAnswer(peer: NodeName, url: string, text: string): ReplicateAnswer {
  try {
    return parseReplicateAnswer(parseJson(text, 'the answer'));
  } catch (error) {
    throw unreachable(peer, url, `gave an answer that is no acknowledgement: ${messageOf(error)}`, error);
  }
}

function problemOf(error: unknown, timeoutMs: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused the connection';
  // What is aborted and not because the transport was closed has taken too long.
  if (code === 'ABORT_ERR' || /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test(code)) {
    return `did not answer within ${timeoutMs / 1000} s`;
  }
  return `broke the connection: ${messageOf(error)}`;
}

function unreachable(peer: NodeName, url: string, problem: string, cause: unknown): KvcError {
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} (${url}) ${problem}`, { node: peer }, { cause });
}
