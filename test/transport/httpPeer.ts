import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { KvcError } from '../../src/errors.js';
import { encodeError } from '../../src/protocol/errorJson.js';
import { parseJoinRequest } from '../../src/protocol/joinJson.js';
import { parseJson } from '../../src/protocol/json.js';
import { asksForLink } from '../../src/protocol/link/linkProtocol.js';
import { encodeSnapshotChunk } from '../../src/protocol/snapshotChunk.js';
import { parseSnapshotPartRequest } from '../../src/protocol/snapshotPartRequest.js';
import { IncomingLink } from '../../src/transport/incomingLink.js';
import type { PeerHandlers } from '../../src/transport/peerHandlers.js';

export interface HttpPeer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on a port of the system's choice that answers requests as `listener` says. */
export async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<HttpPeer> {
  const server = createServer(listener);
  const upgraded = new Set<Duplex>();
  if (upgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgraded.add(socket);
      upgrade(request, socket, head);
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => stop(server, upgraded),
  };
}

/** A server that does with what its peers ask what a node does: decodes, lets the handlers answer, encodes. */
export function listenAsNode(handlers: () => PeerHandlers): Promise<HttpPeer> {
  return listen(
    (request, response) => {
      handle(request, handlers()).then(
        (body) => response.writeHead(200).end(body),
        (error: unknown) => {
          const known = asError(error);
          response.writeHead(known.kind.httpStatus).end(JSON.stringify(encodeError(known)));
        },
      );
    },
    (request, socket, head) => {
      if (!asksForLink(request.headers.upgrade)) throw new Error('not what a transport sends');
      const replicate: PeerHandlers['replicate'] = (message) => handlers().replicate(message);
      new IncomingLink(socket, head, { replicate, failureOf: asError });
    },
  );
}

/** A server that speaks as one of links may, in bytes that the test makes. */
export function listenAsLink(linked: (socket: Duplex) => void): Promise<HttpPeer> {
  return listen(
    (_, response) => response.writeHead(404).end(),
    (_, socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: kvc-link/1\r\n\r\n');
      linked(socket);
    },
  );
}

function asError(error: unknown): KvcError {
  if (error instanceof KvcError) return error;
  throw error;
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
    case 'POST /snapshot':
      return encodeSnapshotChunk(await handlers.snapshot(parseSnapshotPartRequest(body)));
    case 'POST /members/join':
      await handlers.join(parseJoinRequest(body));
      return '{}';
    default:
      throw new Error('not what a transport sends');
  }
}

async function stop(server: Server, upgraded: Iterable<Duplex>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  for (const socket of upgraded) socket.destroy();
  await closed;
}
