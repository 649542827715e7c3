import type { Exchange, Reply } from './exchange.js';
import { addFaults, getFaults, removeFaults, stepFault } from './routes/faults.js';
import { digest } from './routes/digest.js';
import { clock, inspect } from './routes/inspect.js';
import { admit, leave, members, removeMember } from './routes/members.js';
import { deleteRaw, getRaw, putRaw, rawPrefix } from './routes/raw.js';
import { keys, read, readMany } from './routes/read.js';
import { replicate } from './routes/replicate.js';
import { snapshotChunk } from './routes/snapshot.js';
import { watch } from './routes/watch.js';
import { batch, write } from './routes/write.js';
import type { RunningNode } from '../driver/runningNode.js';
import type { NodeLinks } from './nodeLinks.js';

export type Handler = (exchange: Exchange, node: RunningNode, links: NodeLinks) => Reply | Promise<Reply>;
/** One that a node can answer before it has recovered. */
export type LinksHandler = (exchange: Exchange, links: NodeLinks) => Reply | Promise<Reply>;

type ByMethod<H> = Readonly<Record<string, H>>;

/** The routes of a node by path and method. /healthz and /readyz, which must answer before it is ready, are the server's. */
const routes: ReadonlyMap<string, ByMethod<Handler>> = new Map(
  Object.entries<ByMethod<Handler>>({
    '/write': { POST: write },
    '/batch': { POST: batch },
    '/read': { GET: read, POST: readMany },
    '/keys': { GET: keys },
    '/watch': { GET: watch },
    '/replicate': { POST: replicate },
    '/clock': { GET: clock },
    '/inspect': { GET: inspect },
    '/snapshot': { POST: snapshotChunk },
    '/members': { GET: members },
    '/members/join': { POST: admit },
    '/members/leave': { POST: leave },
    '/members/remove': { POST: removeMember },
    '/digest': { GET: digest },
  }),
);

/** A fault may be what keeps a node from its peers while it asks to be admitted: it can be cleared meanwhile. */
const linksRoutes: ReadonlyMap<string, ByMethod<LinksHandler>> = new Map(
  Object.entries<ByMethod<LinksHandler>>({
    '/faults': { GET: getFaults, POST: addFaults, DELETE: removeFaults },
    '/faults/step': { POST: stepFault },
  }),
);

/** What clients ask for may be turned away by a node that is behind. What keeps the cluster going is not. */
const clientPaths: ReadonlySet<string> = new Set(['/write', '/batch', '/read', '/keys', '/watch']);

export function isForClients(path: string): boolean {
  return clientPaths.has(path) || path.startsWith(rawPrefix);
}

const raw: ByMethod<Handler> = { GET: getRaw, PUT: putRaw, DELETE: deleteRaw };

/** The handlers of a path by method; undefined where there is no such path. */
export function routesOf(path: string): ByMethod<Handler> | undefined {
  return path.startsWith(rawPrefix) ? raw : routes.get(path);
}

/** The same for what is answered at all times. */
export function linksRoutesOf(path: string): ByMethod<LinksHandler> | undefined {
  return linksRoutes.get(path);
}
