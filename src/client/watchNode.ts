import { request as httpRequest } from 'node:http';
import { asKvcError, KvcError, messageOf } from '../errors.js';
import { errorOfText } from '../protocol/errorJson.js';
import { asRecord } from '../protocol/fields.js';
import type { WatchChangeJson, WatchGapJson, WatchReadyJson, WatchStateJson } from '../protocol/watchApi.js';
import { SseParser, type ServerSentEvent } from './sseParser.js';

/** An event of a watch, as it stands on the wire. */
export type WatchedEvent =
  | { readonly kind: 'change'; readonly data: WatchChangeJson }
  | { readonly kind: 'gap'; readonly data: WatchGapJson }
  | { readonly kind: 'state'; readonly data: WatchStateJson }
  | { readonly kind: 'ready'; readonly data: WatchReadyJson };

export interface WatchNodeOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** The cursor of an earlier watch, a session token, or `new`: what comes behind it. Default: what happens from now on. */
  readonly from?: string | undefined;
  /** Ends the watch: no error follows. */
  readonly signal?: AbortSignal;
  /** After so many ms without a sign of life the node is given up; it gives one every 15 s. Default 40 000. */
  readonly silenceMsMax?: number;
}

/** The beginning of an answer that has no end. */
export interface WatchAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A way to begin one. The body fails when nothing comes for `silenceMsMax`, and when the signal is aborted. */
export type OpenWatch = (
  url: URL,
  terms: { readonly silenceMsMax: number; readonly signal?: AbortSignal },
) => Promise<WatchAnswer>;

/** What asks for a watch. */
export const watchHeaders = { accept: 'text/event-stream' } as const;

/** Bytes of an answer that refuses a watch. */
const refusalBytesMax = 1024 * 1024;

/** A field that every event of a kind has. */
const proofs: Readonly<Record<WatchedEvent['kind'], string>> = {
  change: 'writes',
  gap: 'missed',
  state: 'siblings',
  ready: 'cursor',
};

/**
 * One watch of one node, over one connection. What is not asked for is not read, and waits at the node.
 * It goes on from `cursor`, at any node.
 */
export class NodeWatch {
  readonly #node: { readonly name: string; readonly url: string };
  readonly #options: WatchNodeOptions;
  readonly #openWatch: OpenWatch;
  readonly #parser = new SseParser();
  /** The id sent last, of what has been given. */
  #cursor = '';

  /**
   * @param node - `url` is `http://127.0.0.1:PORT`
   * @param open - default: by node:http, which is loaded fastest
   */
  constructor(
    node: { readonly name: string; readonly url: string },
    options: WatchNodeOptions = {},
    open: OpenWatch = openByHttp,
  ) {
    this.#node = node;
    this.#options = options;
    this.#openWatch = open;
  }

  /** Behind what another watch would go on: all that came was given by then. undefined while that is not known. */
  get cursor(): string | undefined {
    return this.#cursor === '' ? this.#options.from : this.#cursor;
  }

  /**
   * The events, in their order. To be called once. Ends only by the signal, or with an error.
   * @throws KvcError what the node refuses or ends the watch with; KVC_E_NODE_UNREACHABLE when it does not answer, when
   * the connection ends, or when nothing comes for too long
   */
  async *events(): AsyncGenerator<WatchedEvent, void, undefined> {
    try {
      const answer = await this.#open();
      if (answer.status !== 200) throw await refusalOf(answer);
      for await (const chunk of answer.body) {
        for (const event of this.#parser.push(chunk)) {
          const known = decode(event);
          this.#cursor = event.id;
          if (known !== undefined) yield known;
        }
        // Ids also come without an event.
        this.#cursor = this.#parser.lastId;
      }
    } catch (error) {
      if (this.#options.signal?.aborted) return;
      throw error instanceof KvcError ? error : this.#unreachable(whyOf(error), error);
    }
    if (!this.#options.signal?.aborted) throw this.#unreachable('it ended the connection');
  }

  #open(): Promise<WatchAnswer> {
    const { prefix = '', from, signal, silenceMsMax = 40_000 } = this.#options;
    const url = new URL('/watch', this.#node.url);
    if (prefix !== '') url.searchParams.set('prefix', prefix);
    if (from !== undefined) url.searchParams.set('from', from);
    return this.#openWatch(url, { silenceMsMax, ...(signal ? { signal } : {}) });
  }

  #unreachable(why: string, cause?: unknown): KvcError {
    const { name, url } = this.#node;
    const message = `the watch of ${name} (${url}) broke off: ${why}`;
    return new KvcError('KVC_E_NODE_UNREACHABLE', message, { node: name }, { cause });
  }
}

function openByHttp(
  url: URL,
  { silenceMsMax, ...terms }: { readonly silenceMsMax: number; readonly signal?: AbortSignal },
): Promise<WatchAnswer> {
  return new Promise((resolve, reject) => {
    // No connection that is kept: one that was idle may be closed just as it is used again.
    const options = { headers: watchHeaders, agent: false, ...terms };
    const request = httpRequest(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, body: response as AsyncIterable<Buffer> });
    });
    request.setTimeout(silenceMsMax, () => {
      request.destroy(new Error(`nothing came from it for ${silenceMsMax} ms`));
    });
    request.on('error', reject);
    request.end();
  });
}

function whyOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return code === 'ECONNRESET' ? 'the connection was cut' : messageOf(error);
}

/** Events that this version does not know are passed over. */
function decode({ type, data }: ServerSentEvent): WatchedEvent | undefined {
  if (type === 'error') throw errorOfText(data, 503);
  if (!Object.hasOwn(proofs, type)) return undefined;
  const kind = type as WatchedEvent['kind'];
  const fields = fieldsOf(data, kind);
  if (proofs[kind] in fields) return { kind, data: fields } as unknown as WatchedEvent;
  throw new KvcError('KVC_E_NODE_UNREACHABLE', `what was sent as a ${kind} is none`);
}

function fieldsOf(data: string, kind: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(data), kind);
  } catch (error) {
    throw asKvcError(error, 'KVC_E_NODE_UNREACHABLE');
  }
}

async function refusalOf({ status, body }: WatchAnswer): Promise<KvcError> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > refusalBytesMax) break;
  }
  return errorOfText(Buffer.concat(chunks).toString(), status);
}
