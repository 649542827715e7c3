import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { KvcError } from '../errors.js';
import { requestIdHeader } from '../protocol/requestIdHeader.js';
import { decodeBody, encodeBody } from './jsonBody.js';
import { gaveUp, unreachable } from './unreachable.js';

/** An answer longer than this is refused: nothing that kvc serves is. */
export const answerBytesMax = 64 * 1024 * 1024;

export interface RequestJson {
  readonly url: string | URL;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; bytes are sent as they are, as application/octet-stream. Without it there is no body. */
  readonly body?: unknown;
  /** From the start of the request to the last byte of the answer. Default 5000. */
  readonly timeoutMs?: number;
  /** It changes nothing when it comes twice, and may be sent again on its own. Default: so are GET and writes with a request id. */
  readonly isRepeatable?: boolean;
  /** Who is asked, for messages. Default: the URL's host. */
  readonly peer?: string;
  /** Called when an informational answer (102) comes before the answer. */
  readonly onInformation?: () => void;
  /** Gives the request up when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded where the answer says that it is JSON; else its text. Unchecked. */
  readonly body: unknown;
}

/** A way to send one request. Every status is an answer; it throws what `requestJson` throws. */
export type SendRequest = (request: RequestJson) => Promise<JsonAnswer>;

/** When nothing else is said, in ms. */
export const requestTimeoutMsDefault = 5000;

/**
 * One HTTP request over node:http, which costs a one-shot command far less start-up time than undici does.
 * Every status is an answer, not an error.
 * @throws KvcError KVC_E_NODE_UNREACHABLE when there is no whole answer: refused, reset or out of time. Whether the
 * request took effect is then unknown. Facts: `reason` is the system's error code, or ETIMEDOUT. KVC_E_ABORTED when the
 * signal is aborted first.
 */
export async function requestJson(request: RequestJson): Promise<JsonAnswer> {
  const timer = AbortSignal.timeout(request.timeoutMs ?? requestTimeoutMsDefault);
  const ended = request.signal === undefined ? timer : AbortSignal.any([timer, request.signal]);
  try {
    return await sendOnce(request, ended, true);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return sendAgain(request, ended, error.cause);
  }
}

/**
 * If nothing listens there any more, a write may still have happened: it may have been what the server did last. So its client is
 * told why the first one failed, which leaves that open.
 */
async function sendAgain(request: RequestJson, ended: AbortSignal, first: unknown): Promise<JsonAnswer> {
  try {
    return await sendOnce(request, ended, false);
  } catch (error) {
    const isRefused = error instanceof KvcError && error.facts['reason'] === 'ECONNREFUSED';
    const isHarmless = request.isRepeatable === true || isRead(request);
    throw isRefused && !isHarmless ? failureOf(request, new URL(request.url), first) : error;
  }
}

/** A kept connection that the server had closed when the request was written to it. */
class StaleConnection extends Error {}

function sendOnce(options: RequestJson, ended: AbortSignal, mayReuse: boolean): Promise<JsonAnswer> {
  const url = new URL(options.url);
  const payload = encodeBody(options.body);
  const terms = {
    method: options.method ?? 'GET',
    headers: { ...payload.headers, ...options.headers },
    signal: ended,
    ...(mayReuse ? {} : { agent: false as const }),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(failureOf(options, url, cause));
    const request = httpRequest(url, terms, (response) => {
      readAnswer(response).then(resolve, fail);
    });
    if (options.onInformation !== undefined) request.on('information', options.onInformation);
    request.on('error', (cause) => {
      if (request.reusedSocket && isReset(cause) && mayRepeat(options))
        reject(new StaleConnection('', { cause }));
      else fail(cause);
    });
    request.end(payload.bytes);
  });
}

function isReset(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}

/**
 * A server may close a connection that was idle in the moment in which the next request is written to it. Most likely it
 * never saw that request; but it may also have died of it, so only what changes nothing when it comes twice is sent again.
 */
function mayRepeat(request: RequestJson): boolean {
  return request.isRepeatable ?? (isRead(request) || requestIdHeader in (request.headers ?? {}));
}

function isRead({ method = 'GET' }: RequestJson): boolean {
  return method === 'GET';
}

function failureOf(options: RequestJson, url: URL, cause: unknown): KvcError {
  if (options.signal?.aborted === true) return gaveUp(options.signal.reason);
  const timeoutMs = options.timeoutMs ?? requestTimeoutMsDefault;
  return unreachable(options.peer ?? url.host, url, timeoutMs, cause);
}

async function readAnswer(response: IncomingMessage): Promise<JsonAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) throw new Error(`the answer exceeds ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const { headers } = response;
  return { status: response.statusCode ?? 0, headers, body: decodeBody(headers, text) };
}
