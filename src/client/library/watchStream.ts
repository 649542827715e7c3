import type { Readable } from 'node:stream';
import { asKvcError } from '../../errors.js';
import { errorOfText } from '../../protocol/errorJson.js';
import { SseParser, type ServerSentEvent } from '../sseParser.js';
import type { KnownNode } from './knownNode.js';

/** A node sends something every 15 s; when nothing came for this long, the connection is dead. */
const silenceMs = 40_000;
/** How long a node may take to begin. */
const beginMsMax = 2000;

export interface WatchPosition {
  /** Behind what the watch goes on; undefined: from now. Moves on as events are taken, and with what comes between them. */
  from: string | undefined;
}

/**
 * The events of one connection to one node. It reads no further while nobody takes them.
 * @throws KvcError what the node says, or KVC_E_NODE_UNREACHABLE when the connection breaks
 */
export async function* watchStream(
  known: KnownNode,
  prefix: string,
  position: WatchPosition,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const url = new URL('/watch', known.url);
  url.searchParams.set('prefix', prefix);
  if (position.from !== undefined) url.searchParams.set('from', position.from);
  const headers = { accept: 'text/event-stream' };
  const request = { url, headers, signal, timeoutMs: beginMsMax, peer: known.label };
  const { status, body } = await known.sender.stream(request, silenceMs);
  if (status !== 200) throw errorOfText(await textOf(body), status);
  const parser = new SseParser();
  try {
    for await (const bytes of body as AsyncIterable<Buffer>) {
      yield* parser.push(bytes);
      if (parser.lastId !== '') position.from = parser.lastId;
    }
  } catch (error) {
    throw asKvcError(error, 'KVC_E_NODE_UNREACHABLE');
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
