import { createServer, type Server, type Socket } from 'node:net';
import type { ServedProcess } from '../httpServer.js';
import { RespConnection } from './respConnection.js';
import { ScanCursors } from './scanCursors.js';

/** Connections of clients at a time; one more is told so, and closed. */
const clientsMax = 10_000;
/** How often it is looked whether clients take their answers. */
const stallLookMs = 5000;

/** The node's server of the Redis protocol (RESP, versions 2 and 3). No client can stop the node. */
export function createRespServer(served: ServedProcess): Server {
  const clients = new Set<RespConnection>();
  const counts = { connections: 0, commands: 0 };
  const common = { served, cursors: new ScanCursors(), state: { clients, startedAtMs: Date.now(), counts } };
  const server = createServer({ noDelay: true }, (socket) => {
    if (clients.size >= clientsMax) return refuse(socket);
    counts.connections += 1;
    const connection = new RespConnection(socket, { ...common, id: counts.connections });
    clients.add(connection);
    socket.once('close', () => clients.delete(connection));
  });
  const looking = setInterval(() => {
    for (const connection of clients) connection.checkStall(Date.now());
  }, stallLookMs);
  looking.unref();
  server.once('close', () => clearInterval(looking));
  return server;
}

function refuse(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.end('-ERR max number of clients reached\r\n');
}
