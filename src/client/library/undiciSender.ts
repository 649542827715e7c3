import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Pool, type Dispatcher } from 'undici';
import { KvcError } from '../../errors.js';
import { decodeBody, encodeBody } from '../jsonBody.js';
import {
  answerBytesMax,
  requestTimeoutMsDefault,
  type JsonAnswer,
  type RequestJson,
} from '../requestJson.js';
import { gaveUp, unreachable } from '../unreachable.js';

/** Requests to one node that are under way at a time, each on a connection of its own, which is kept. */
const connectionsMax = 16;
/** Requests to one node that wait for a connection. */
const waitingMax = 1024;

/** Streams to one node: each keeps its connection for itself, so they are not among the others. */
const streamsMax = 256;

/** An answer that has no end. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** Sends requests to one node over connections that are kept. An idle one does not keep the process alive. */
export class UndiciSender {
  readonly #origin: string;
  readonly #requests: Pool;
  #streams: Pool | undefined;
  #underWay = 0;

  constructor(origin: string) {
    this.#origin = origin;
    this.#requests = new Pool(origin, {
      connections: connectionsMax,
      pipelining: 1,
      // Each request has a deadline of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: answerBytesMax,
    });
  }

  /**
   * As `requestJson` does it.
   * @throws KvcError also KVC_E_OVERLOADED when too many requests wait for a connection, KVC_E_MESSAGE_TOO_LARGE for an
   * answer of more than 64 MiB
   */
  readonly send = async (request: RequestJson): Promise<JsonAnswer> => {
    if (this.#underWay >= connectionsMax + waitingMax) throw this.#overloaded('requests wait for');
    this.#underWay += 1;
    const deadline = new RequestDeadline(request);
    try {
      return await exchange(this.#requests, request, deadline.signal);
    } catch (cause) {
      throw failureOf(request, deadline.timeoutMs, cause);
    } finally {
      deadline.stop();
      deadline.forget();
      this.#underWay -= 1;
    }
  };

  /**
   * Begins an answer without an end; the request's deadline is for its beginning. The body fails where no byte comes for
   * `silenceMs`, and when the signal is aborted.
   * @throws KvcError KVC_E_NODE_UNREACHABLE, KVC_E_OVERLOADED or KVC_E_ABORTED
   */
  async stream(request: RequestJson, silenceMs: number): Promise<StreamAnswer> {
    this.#streams ??= new Pool(this.#origin, { connections: streamsMax, pipelining: 1, headersTimeout: 0 });
    if (this.#streams.stats.running >= streamsMax) throw this.#overloaded('streams come from');
    const deadline = new RequestDeadline(request);
    try {
      const terms = { ...termsOf(request, deadline.signal), bodyTimeout: silenceMs };
      const { statusCode, headers, body } = await this.#streams.request(terms);
      body.once('close', deadline.forget);
      return { status: statusCode, headers, body };
    } catch (cause) {
      deadline.forget();
      throw failureOf(request, deadline.timeoutMs, cause);
    } finally {
      deadline.stop();
    }
  }

  /** Ends all connections, with what is under way on them. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#streams?.destroy()]);
  }

  #overloaded(what: string): KvcError {
    return new KvcError('KVC_E_OVERLOADED', `as many ${what} ${this.#origin} in this client as it allows`);
  }
}

/** Aborts a request when its time is over, or its caller gives it up. */
class RequestDeadline {
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #giveUp = (): void => this.#controller.abort(this.#given?.reason);

  constructor({ timeoutMs = requestTimeoutMsDefault, signal }: RequestJson) {
    this.timeoutMs = timeoutMs;
    this.#given = signal;
    const tooLate = (): void => this.#controller.abort(new DOMException('out of time', 'TimeoutError'));
    this.#timer = setTimeout(tooLate, timeoutMs);
    signal?.addEventListener('abort', this.#giveUp, { once: true });
    if (signal?.aborted === true) this.#giveUp();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Time counts no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The caller's signal counts no more. */
  readonly forget = (): void => {
    this.#given?.removeEventListener('abort', this.#giveUp);
  };
}

async function exchange(pool: Pool, request: RequestJson, signal: AbortSignal): Promise<JsonAnswer> {
  const { statusCode, headers, body } = await pool.request(termsOf(request, signal));
  return { status: statusCode, headers, body: decodeBody(headers, await body.text()) };
}

function termsOf(request: RequestJson, signal: AbortSignal | undefined): Dispatcher.RequestOptions {
  const { pathname, search } = new URL(request.url);
  const { bytes, headers } = encodeBody(request.body);
  return {
    path: pathname + search,
    method: request.method ?? 'GET',
    headers: { ...headers, ...request.headers },
    ...(bytes === undefined ? {} : { body: bytes }),
    ...(request.onInformation === undefined ? {} : { onInfo: request.onInformation }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function failureOf(request: RequestJson, timeoutMs: number, cause: unknown): KvcError {
  if (request.signal?.aborted === true) return gaveUp(request.signal.reason);
  const url = new URL(request.url);
  if (isTooLarge(cause)) {
    const message = `the answer of ${request.peer ?? url.host} exceeds ${answerBytesMax} bytes`;
    return new KvcError('KVC_E_MESSAGE_TOO_LARGE', message, { limit: answerBytesMax }, { cause });
  }
  return unreachable(request.peer ?? url.host, url, timeoutMs, cause);
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}
