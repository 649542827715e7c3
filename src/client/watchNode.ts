import { request as httpRequest, type IncomingMessage } from 'node:http';
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
  readonly #parser = new SseParser();
  /** The id sent last, of what has been given. */
  #cursor = '';

  /** @param node - `url` is `http://127.0.0.1:PORT` */
  constructor(node: { readonly name: string; readonly url: string }, options: WatchNodeOptions = {}) {
    this.#node = node;
    this.#options = options;
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
      const response = await this.#open();
      if (response.statusCode !== 200) throw await refusalOf(response);
      for await (const chunk of response as AsyncIterable<Buffer>) {
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

  #open(): Promise<IncomingMessage> {
    const { prefix = '', from, signal, silenceMsMax = 40_000 } = this.#options;
    const url = new URL('/watch', this.#node.url);
    if (prefix !== '') url.searchParams.set('prefix', prefix);
    if (from !== undefined) url.searchParams.set('from', from);
    return new Promise((resolve, reject) => {
      const headers = { accept: 'text/event-stream' };
      // No connection that is kept: one that was idle may be closed just as it is used again.
      const request = httpRequest(url, { headers, agent: false, ...(signal ? { signal } : {}) }, resolve);
      request.setTimeout(silenceMsMax, () => {
        request.destroy(new Error(`nothing came from it for ${silenceMsMax} ms`));
      });
      request.on('error', reject);
      request.end();
    });
  }

  #unreachable(why: string, cause?: unknown): KvcError {
    const { name, url } = this.#node;
    const message = `the watch of ${name} (${url}) broke off: ${why}`;
    return new KvcError('KVC_E_NODE_UNREACHABLE', message, { node: name }, { cause });
  }
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

async function refusalOf(response: IncomingMessage): Promise<KvcError> {
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > refusalBytesMax) break;
  }
  return errorOfText(text, response.statusCode ?? 0);
}
