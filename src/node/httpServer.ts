import type { IncomingMessage, ServerResponse } from 'node:http';
import { KvcError } from '../errors.js';
import type { HealthResponseJson } from '../protocol/api.js';
import { encodeError } from '../protocol/errorJson.js';
import { Exchange, jsonReply, type Reply, type StreamedBody, type WholeReply } from './exchange.js';
import { failureOf } from './failureOf.js';
import { NodeServer } from './nodeServer.js';
import { OutputTurn } from './outputTurn.js';
import { OwnHosts } from './ownHosts.js';
import { refuseUnreadable } from './refuseUnreadable.js';
import { ReplyStream } from './replyStream.js';
import { isForClients, linksRoutesOf, routesOf } from './routes.js';
import type { ServedProcess } from './servedProcess.js';
import { serveUpgrades } from './upgrades.js';

export type { ServedProcess } from './servedProcess.js';

type Head = Omit<Reply, 'body'>;

/** The node's one HTTP server. Every answer that is no 2xx is JSON with a code; no request can stop the node. */
export function createNodeServer(served: ServedProcess): NodeServer {
  const hosts = new OwnHosts(served.config);
  const turn = new OutputTurn();
  // A request without Host is refused like one with a wrong Host: in JSON.
  const server = new NodeServer({ requireHostHeader: false }, (request, response) => {
    const exchange = new Exchange(request, response);
    const failed = (error: unknown): KvcError =>
      failureOf(error, served, `${exchange.method} ${exchange.path}`);
    answer(served, hosts, request, exchange).then(
      ({ body, ...head }) => {
        const isWhole = typeof body === 'string' || body instanceof Uint8Array;
        if (!isWhole) void sendStream(response, head, body, failed);
        // What waited for the disk becomes durable, and is answered, together.
        else if (exchange.method === 'GET') turn.add(() => send(response, { body, ...head }));
        else send(response, { body, ...head });
      },
      (error: unknown) => send(response, errorReply(failed(error)), request),
    );
  });
  // Peers and clients keep connections open between requests; closing early would race with the next request.
  server.keepAliveTimeout = 60_000;
  server.on('clientError', refuseUnreadable);
  serveUpgrades(server, served, hosts);
  return server;
}

async function answer(
  served: ServedProcess,
  hosts: OwnHosts,
  request: IncomingMessage,
  exchange: Exchange,
): Promise<Reply> {
  hosts.require(request.headers.host);
  if (exchange.path === '/healthz' || exchange.path === '/readyz') return health(served, exchange);
  const linksRoutes = linksRoutesOf(exchange.path);
  if (linksRoutes !== undefined) return handlerFor(exchange, linksRoutes)(exchange, served.links);
  const handler = handlerFor(exchange, routesOf(exchange.path));
  const node = served.life.serving();
  if (!isForClients(exchange.path)) return handler(exchange, node, served.links);
  const refusal = node.driver.overload.requestBegins();
  if (refusal !== undefined) throw refusal;
  try {
    return await handler(exchange, node, served.links);
  } finally {
    node.driver.overload.requestEnded();
  }
}

function handlerFor<H>(exchange: Exchange, byMethod: Readonly<Record<string, H>> | undefined): H {
  if (byMethod === undefined)
    throw new KvcError('KVC_E_ROUTE_NOT_FOUND', `there is no route ${exchange.path}`);
  const handler = Object.hasOwn(byMethod, exchange.method) ? byMethod[exchange.method] : undefined;
  if (handler !== undefined) return handler;
  throw methodNotAllowed(exchange, Object.keys(byMethod));
}

function methodNotAllowed({ path, method }: Exchange, allowed: readonly string[]): KvcError {
  const message = `${path} takes ${allowed.join(', ')}, not ${method}`;
  return new KvcError('KVC_E_METHOD_NOT_ALLOWED', message, { allowed });
}

function health(served: ServedProcess, exchange: Exchange): Reply {
  if (exchange.method !== 'GET') throw methodNotAllowed(exchange, ['GET']);
  exchange.announce(Date.now());
  const { status, reason } = served.life;
  const { self, instance, clusterId } = served.config;
  const body: HealthResponseJson = {
    node: self,
    instance,
    cluster_id: clusterId,
    status,
    time_ms: Date.now(),
    reason,
  };
  return jsonReply(body, {}, exchange.path === '/readyz' && status !== 'ready' ? 503 : 200);
}

function errorReply(error: KvcError): WholeReply {
  const { httpStatus, retryable } = error.kind;
  const headers = retryable && httpStatus === 503 ? { 'retry-after': '1' } : {};
  return jsonReply(encodeError(error), headers, httpStatus);
}

/** @param unread - given where the request may not have been read to its end: the connection cannot be used again */
function send(response: ServerResponse, reply: WholeReply, unread?: IncomingMessage): void {
  const headers: Record<string, string | number> = {
    'content-type': reply.contentType,
    'content-length': typeof reply.body === 'string' ? Buffer.byteLength(reply.body) : reply.body.byteLength,
    ...reply.headers,
  };
  if (unread !== undefined && !unread.complete) headers['connection'] = 'close';
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

/** Its connection serves no other request: whoever ends such an answer wants to be rid of it. */
async function sendStream(
  response: ServerResponse,
  { status, contentType, headers }: Head,
  body: StreamedBody,
  failed: (error: unknown) => KvcError,
): Promise<void> {
  response.writeHead(status, { 'content-type': contentType, ...headers, connection: 'close' });
  response.flushHeaders();
  const stream = new ReplyStream(response, body.stallMsMax);
  try {
    await body.write(stream);
    response.end();
  } catch (error) {
    response.end(body.lastWords(failed(error)));
  }
}
