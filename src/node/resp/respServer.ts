import { Server, type Socket } from 'node:net';
import type { ServedProcess } from '../httpServer.js';
import { OutputTurn } from '../outputTurn.js';
import { RefusedConnections } from './refusedConnections.js';
import { RespConnection } from './respConnection.js';
import type { RespServerState } from './respClient.js';
import { ScanCursors } from './scanCursors.js';

/** Connections of clients at a time; one more is told so, and closed. */
const clientsMax = 10_000;
/** How often it is looked whether clients take their answers. */
const stallLookMs = 5000;

/** The node's server of the Redis protocol (RESP, versions 2 and 3). No client can stop the node. */
export class RespServer extends Server {
  readonly #served: ServedProcess;
  readonly #clients = new Set<RespConnection>();
  readonly #refused = new RefusedConnections();
  readonly #cursors = new ScanCursors();
  readonly #state: RespServerState;
  /** As long as there are clients: where another one listens for this server, nobody closes it. */
  #looking: NodeJS.Timeout | undefined;

  constructor(served: ServedProcess) {
    super({ noDelay: true, allowHalfOpen: true });
    this.#served = served;
    this.#state = {
      clients: this.#clients,
      turn: new OutputTurn(),
      startedAtMs: Date.now(),
      counts: { connections: 0, commands: 0 },
    };
    this.on('connection', (socket) => this.#admit(socket));
  }

  /** Ends the connections on which nothing is under way; the others when that is done. */
  closeIdleConnections(): void {
    for (const client of this.#clients) client.finish();
  }

  closeAllConnections(): void {
    for (const client of this.#clients) client.destroy();
    this.#refused.destroyAll();
  }

  #admit(socket: Socket): void {
    if (this.#clients.size >= clientsMax) return this.#refused.refuse(socket);
    const id = (this.#state.counts.connections += 1);
    const parts = { id, served: this.#served, state: this.#state, cursors: this.#cursors };
    const client = new RespConnection(socket, parts);
    this.#clients.add(client);
    this.#looking ??= setInterval(() => this.#lookForStalled(), stallLookMs).unref();
    socket.once('close', () => this.#forget(client));
  }

  #forget(client: RespConnection): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #lookForStalled(): void {
    for (const client of this.#clients) client.checkStall(Date.now());
  }
}
