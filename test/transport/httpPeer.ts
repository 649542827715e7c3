import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KvcError } from '../../src/errors.js';
import { encodeError } from '../../src/protocol/errorJson.js';
import { parseJson } from '../../src/protocol/json.js';
import { parseReplicateRequest, replicateAnswerText } from '../../src/protocol/replicateJson.js';
import type { ReplicateHandler } from '../../src/transport/memoryTransport.js';

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

/** A server that does with POST /replicate what a node does: decodes, lets the handler answer, encodes. */
export function listenAsNode(handler: ReplicateHandler): Promise<HttpPeer> {
  return listen((request, response) => {
    handle(request, handler).then(
      (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
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

async function handle(request: IncomingMessage, handler: ReplicateHandler): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method !== 'POST' || request.url !== '/replicate')
    throw new Error('not what a transport sends');
  if (request.headers['content-type'] !== 'application/json') throw new Error('not JSON');
  return replicateAnswerText(await handler(parseReplicateRequest(parseJson(Buffer.concat(chunks)))));
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
