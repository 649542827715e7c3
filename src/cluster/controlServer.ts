import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asKvcError, KvcError } from '../errors.js';
import { encodeError } from '../protocol/errorJson.js';
import { parseJson } from '../protocol/json.js';
import {
  parseAddFault,
  parseAddNode,
  parseClearFaults,
  parseDown,
  parseRemoveNode,
} from './controlRequests.js';
import type { Supervisor } from './supervisor.js';

export interface ControlServer {
  readonly port: number;
  close(): void;
}

export interface ControlOptions {
  readonly token: string;
  /** Called after the request was answered. */
  readonly onDown: (purge: boolean) => void;
}

type Action = (supervisor: Supervisor, request: IncomingMessage) => unknown;

const bodyBytesMax = 64 * 1024;

/** Serves the control API (see controlApi.ts) on a port of the system's choice. */
export async function startControlServer(
  supervisor: Supervisor,
  options: ControlOptions,
): Promise<ControlServer> {
  const server = createServer((request, response) => {
    void answer(supervisor, options, request, response);
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  supervisor: Supervisor,
  options: ControlOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    authorize(request, options.token);
    if (`${request.method ?? ''} ${request.url ?? ''}` === 'POST /down') {
      const { purge } = parseDown(await bodyOf(request));
      send(response, 202, {});
      response.once('close', () => options.onDown(purge));
    } else send(response, 200, await actionOf(request)(supervisor, request));
  } catch (thrown) {
    const error = asKvcError(thrown);
    send(response, error.kind.httpStatus, encodeError(error));
  }
}

function actionOf({ method = '', url = '' }: IncomingMessage): Action {
  const [, node = '', command = ''] = /^\/nodes\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
  const action = Object.hasOwn(nodeActions, command) ? nodeActions[command] : undefined;
  const found =
    method === 'POST' && action !== undefined
      ? (supervisor: Supervisor, request: IncomingMessage) => action(supervisor, node, request)
      : clusterActions[`${method} ${url}`];
  if (found !== undefined) return found;
  throw new KvcError('KVC_E_ROUTE_NOT_FOUND', `the control API has no ${method} ${url}`);
}

type NodeAction = (supervisor: Supervisor, node: string, request: IncomingMessage) => Promise<unknown>;

/** Changes the state of a node, and answers with that of the cluster. */
function changing(change: (supervisor: Supervisor, node: string) => Promise<void> | void): NodeAction {
  return async (supervisor, node) => {
    await change(supervisor, node);
    return supervisor.status();
  };
}

const nodeActions: Readonly<Record<string, NodeAction>> = {
  kill: changing((supervisor, node) => supervisor.node(node).kill()),
  restart: changing((supervisor, node) => supervisor.membership.restart(node)),
  pause: changing((supervisor, node) => supervisor.node(node).pause()),
  resume: changing((supervisor, node) => supervisor.node(node).resume()),
  remove: async (supervisor, node, request) =>
    supervisor.membership.remove(node, parseRemoveNode(await bodyOf(request))),
};

const clusterActions: Readonly<Record<string, Action>> = {
  'GET /status': (supervisor) => supervisor.status(),
  'POST /nodes': async (supervisor, request) =>
    supervisor.membership.add(parseAddNode(await bodyOf(request)).name),
  'POST /faults': async (supervisor, request) => supervisor.faults.add(parseAddFault(await bodyOf(request))),
  'DELETE /faults': async (supervisor, request) =>
    supervisor.faults.clear(parseClearFaults(await bodyOf(request))),
};

/** A browser that was led here by a rebound name sends that name; another user of the machine has no token. */
function authorize(request: IncomingMessage, token: string): void {
  const { host = '', authorization = '' } = request.headers;
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
    throw new KvcError(
      'KVC_E_HOST_FORBIDDEN',
      `Host must be 127.0.0.1 or localhost, received ${host.slice(0, 80)}`,
    );
  }
  if (!timingSafeEqual(digest(authorization), digest(`Bearer ${token}`))) {
    throw new KvcError(
      'KVC_E_CONTROL_FORBIDDEN',
      'authorization must be the bearer token in the cluster file',
    );
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
    throw new KvcError('KVC_E_MEDIA_TYPE', 'content-type must be application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax)
      throw new KvcError('KVC_E_MESSAGE_TOO_LARGE', `the body exceeds ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
