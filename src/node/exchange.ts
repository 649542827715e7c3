import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Wait } from '../driver/wait.js';
import { KvcError, type ErrorCode } from '../errors.js';
import { acceptByHeader, parseAcceptBy } from '../protocol/acceptBy.js';
import { parseJson } from '../protocol/json.js';
import type { ReplyStream } from './replyStream.js';
import { parseTimeoutMs, refuseUnknownParameters } from '../protocol/queries.js';

/** One answer of a route. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array | StreamedBody;
  readonly headers?: Readonly<Record<string, string>>;
}

export type WholeReply = Reply & { readonly body: string | Uint8Array };

/** A body that is made while it is sent, and that goes on for as long as it has something to say. */
export interface StreamedBody {
  /** How long the client may take nothing of it before the connection is closed. */
  readonly stallMsMax: number;
  /** Writes it; the answer ends when it does. */
  write(stream: ReplyStream): Promise<void>;
  /** What is sent last where writing it fails: the status has been sent long before. */
  lastWords(error: KvcError): string;
}

export function jsonReply(
  value: unknown,
  headers?: Readonly<Record<string, string>>,
  status = 200,
): WholeReply {
  return jsonTextReply(JSON.stringify(value), headers, status);
}

export function jsonTextReply(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): WholeReply {
  return { status, contentType: 'application/json', body, headers };
}

/** One HTTP request, as a route reads it: what it takes is checked here. */
export class Exchange {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  /** @throws KVC_E_BAD_REQUEST for a query parameter that the route does not know: ignoring it would mislead */
  allowParameters(...names: string[]): void {
    if (this.query.size === 0) return;
    assertPercentEncoding(this.#request.url ?? '');
    refuseUnknownParameters(this.query, names);
  }

  parameter(name: string): string | null {
    return this.query.get(name);
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  prefersPlainText(): boolean {
    return this.header('accept')?.startsWith('text/plain') ?? false;
  }

  /** From the query parameter `timeout_ms`. */
  wait(): Wait {
    return {
      timeoutMs: parseTimeoutMs(this.query.get('timeout_ms')),
      onGone: (listener) => {
        this.#response.once('close', () => {
          if (!this.#response.writableFinished) listener();
        });
      },
    };
  }

  /**
   * The request is about to be taken up: see acceptBy.ts. To be called right before, with no suspension between.
   * @throws KvcError KVC_E_TOO_LATE, or KVC_E_CLOSED where the client cannot be told any more: it is not to be taken up
   */
  announce(nowMs: number): void {
    const text = this.header(acceptByHeader);
    if (text === undefined) return;
    const byMs = parseAcceptBy(text);
    if (nowMs > byMs) {
      const message = `the request was to be taken up ${Math.ceil(nowMs - byMs)} ms ago; it is not any more`;
      throw new KvcError('KVC_E_TOO_LATE', message, { now_ms: Math.floor(nowMs) });
    }
    if (this.#request.socket.destroyed)
      throw new KvcError('KVC_E_CLOSED', 'the client closed the connection');
    this.#response.writeProcessing();
  }

  /** The body as JSON. Asking for its content type keeps other sites' forms and scripts out: no browser sends it unasked. */
  async json(bytesMax: number): Promise<unknown> {
    const type = this.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      throw new KvcError(
        'KVC_E_MEDIA_TYPE',
        `${this.path} takes content-type application/json, not ${type ?? 'a body without one'}`,
      );
    }
    return parseJson(await this.bytes(bytesMax));
  }

  /** @throws KVC_E_MESSAGE_TOO_LARGE, or the code given, as soon as the body is known to be too long */
  bytes(bytesMax: number, tooLargeCode: ErrorCode = 'KVC_E_MESSAGE_TOO_LARGE'): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const refuse = (): void =>
        reject(new KvcError(tooLargeCode, `the body exceeds ${bytesMax} bytes`, { limit: bytesMax }));
      if (Number(this.#request.headers['content-length']) > bytesMax) refuse();
      const chunks: Buffer[] = [];
      let size = 0;
      this.#request.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= bytesMax) chunks.push(chunk);
        else refuse();
      });
      this.#request.on('end', () =>
        resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
      );
      this.#request.on('error', () => reject(new KvcError('KVC_E_BAD_REQUEST', 'the body ended early')));
    });
  }
}

/** URLSearchParams would put U+FFFD where bytes are no UTF-8, and so read another key than the one that was meant. */
function assertPercentEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch (error) {
    const message = 'the query is no valid percent-encoded UTF-8';
    throw new KvcError('KVC_E_BAD_REQUEST', message, {}, { cause: error });
  }
}
