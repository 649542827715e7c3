import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { peerHandlersOf } from '../driver/peerHandlers.js';
import { KvcError } from '../errors.js';
import { asksForLink } from '../protocol/link/linkProtocol.js';
import { clusterHeader } from '../protocol/replicateMessage.js';
import { IncomingLink } from '../transport/incomingLink.js';
import { failureOf } from './failureOf.js';
import type { NodeServer } from './nodeServer.js';
import { requireOwnCluster } from './ownCluster.js';
import type { OwnHosts } from './ownHosts.js';
import { refuseOnSocket } from './refuseOnSocket.js';
import type { ServedProcess } from './servedProcess.js';

const linkPath = '/replicate';

/** GET /replicate with `upgrade: kvc-link/1`: from then on the connection is a link on which a peer sends messages. */
export function serveUpgrades(server: NodeServer, served: ServedProcess, hosts: OwnHosts): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url, method, headers } = request;
    if (!asksForLink(headers.upgrade)) return server.withoutUpgrade(request, socket, head);
    const failed = (error: unknown): KvcError => failureOf(error, served, `${method} ${url} as a link`);
    try {
      hosts.require(headers.host);
      requireLinkPath(method, url);
      requireOwnCluster(senderOf(request), served.config);
      served.life.serving();
    } catch (error) {
      return refuseOnSocket(failed(error), socket);
    }
    const handlers = peerHandlersOf(() => served.life.serving());
    const link = new IncomingLink(socket, head, {
      replicate: (message) => handlers.replicate(message),
      failureOf: failed,
    });
    server.admit(link, socket);
  });
}

function requireLinkPath(method: string | undefined, url: string | undefined): void {
  if (url !== linkPath) throw new KvcError('KVC_E_ROUTE_NOT_FOUND', `there is no link at ${url}`);
  if (method === 'GET') return;
  const message = `a link begins with GET ${linkPath}, not ${method}`;
  throw new KvcError('KVC_E_METHOD_NOT_ALLOWED', message, { allowed: ['GET'] });
}

function senderOf({ headers }: IncomingMessage): string | undefined {
  const sender = headers[clusterHeader];
  return Array.isArray(sender) ? sender.join(', ') : sender;
}
