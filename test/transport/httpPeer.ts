import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KvcError } from '../../src/errors.js';
import { encodeError } from '../../src/protocol/errorJson.js';
import { parseJoinRequest } from '../../src/protocol/joinJson.js';
import { parseJson } from '../../src/protocol/json.js';
import { parseReplicateRequest, replicateAnswerText } from '../../src/protocol/replicateJson.js';
import { encodeSnapshotChunk } from '../../src/protocol/snapshotChunk.js';
import { parseSnapshotPartRequest } from '../../src/protocol/snapshotPartRequest.js';
import type { PeerHandlers } from '../../src/transport/peerHandlers.js';

export interface HttpPeer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on a port of the system's choice that answers requests as `listener` says. */
export async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpPeer> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => stop(server) };
}

/** A server that does with what its peers ask what a node does: decodes, lets the handlers answer, encodes. */
export function listenAsNode(handlers: () => PeerHandlers): Promise<HttpPeer> {
  return listen((request, response) => {
    handle(request, handlers()).then(
      (body) => response.writeHead(200).end(body),
      (error: unknown) => {
        if (!(error instanceof KvcError)) throw error;
        response.writeHead(error.kind.httpStatus).end(JSON.stringify(encodeError(error)));
      },
    );
  });
}

/** The URL of a port on which nobody listens: one that was given out and handed back. */
export async function unusedUrl(): Promise<string> {
  const server = await listen(() => undefined);
  await server.close();
  return server.url;
}

async function handle(request: IncomingMessage, handlers: PeerHandlers): Promise<string | Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.headers['content-type'] !== 'application/json') throw new Error('not JSON');
  const body = parseJson(Buffer.concat(chunks));
  switch (`${request.method} ${request.url}`) {
    case 'POST /replicate':
      return replicateAnswerText(await handlers.replicate(parseReplicateRequest(body)));
    case 'POST /snapshot':
      return encodeSnapshotChunk(await handlers.snapshot(parseSnapshotPartRequest(body)));
    case 'POST /members/join':
      await handlers.join(parseJoinRequest(body));
      return '{}';
    default:
      throw new Error('not what a transport sends');
  }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
