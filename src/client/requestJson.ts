import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { KvcError, messageOf } from '../errors.js';

/** An answer longer than this is refused: nothing that kvc serves is. */
const bodyBytesMax = 64 * 1024 * 1024;

export interface RequestJson {
  readonly url: string | URL;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; bytes are sent as they are, as application/octet-stream. Without it there is no body. */
  readonly body?: unknown;
  /** From the start of the request to the last byte of the answer. Default 5000. */
  readonly timeoutMs?: number;
  /** Who is asked, for messages. Default: the URL's host. */
  readonly peer?: string;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded where the answer says that it is JSON; else its text. Unchecked. */
  readonly body: unknown;
}

/**
 * One HTTP request over node:http, which costs a one-shot command far less start-up time than undici does.
 * Every status is an answer, not an error.
 * @throws KvcError KVC_E_NODE_UNREACHABLE when there is no whole answer: refused, reset or out of time. Whether the
 * request took effect is then unknown. Facts: `reason` is the system's error code, or ETIMEDOUT.
 */
export function requestJson(options: RequestJson): Promise<JsonAnswer> {
  const url = new URL(options.url);
  const timeoutMs = options.timeoutMs ?? 5000;
  const payload = encodeBody(options.body);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(unreachable(options.peer ?? url.host, url, timeoutMs, cause));
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { ...payload.headers, ...options.headers };
    const request = httpRequest(url, { method: options.method ?? 'GET', headers, signal }, (response) => {
      readAnswer(response).then(resolve, fail);
    });
    request.on('error', fail);
    request.end(payload.bytes);
  });
}

function encodeBody(body: unknown): { bytes?: Uint8Array; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  const isRaw = body instanceof Uint8Array;
  const bytes = isRaw ? body : Buffer.from(JSON.stringify(body));
  const type = isRaw ? 'application/octet-stream' : 'application/json';
  return { bytes, headers: { 'content-type': type, 'content-length': String(bytes.byteLength) } };
}

async function readAnswer(response: IncomingMessage): Promise<JsonAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new Error(`the answer exceeds ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

function unreachable(peer: string, url: URL, timeoutMs: number, cause: unknown): KvcError {
  const reason = reasonOf(cause);
  const what =
    reason === 'ECONNREFUSED'
      ? 'refused the connection: nothing listens there'
      : reason === 'ETIMEDOUT'
        ? `did not answer within ${timeoutMs} ms`
        : `did not answer: ${messageOf(cause)}`;
  return new KvcError('KVC_E_NODE_UNREACHABLE', `${peer} (${url.origin}) ${what}`, { reason }, { cause });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'UNKNOWN';
  const isTimeout =
    cause.name === 'TimeoutError' || (cause.cause instanceof Error && cause.cause.name === 'TimeoutError');
  if (isTimeout) return 'ETIMEDOUT';
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ABORT_ERR' ? 'ETIMEDOUT' : (code ?? 'UNKNOWN');
}
