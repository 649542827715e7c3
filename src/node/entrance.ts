import { once } from 'node:events';
import type { Server } from 'node:net';
import { KvcError, messageOf } from '../errors.js';

/** A server of any protocol, as an entrance deals with it. */
export interface EntranceServer extends Server {
  /** Ends the connections on which nothing is under way. */
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/** Where the requests of clients and peers come in. */
export interface Entrance {
  /**
   * From now on requests reach the server.
   * @throws KvcError KVC_E_PORT_TAKEN, KVC_E_START_FAILED
   */
  open(server: EntranceServer): Promise<void>;
  /** Lets no new connection in, and ends those that nothing is under way on. */
  shut(): void;
  /** Ends all connections, whatever is under way on them; resolves when none is left. */
  close(): Promise<void>;
}

/** A port of 127.0.0.1, from `open` to `close`. */
export class PortEntrance implements Entrance {
  readonly #port: number;
  #server: EntranceServer | undefined;
  #closed: Promise<unknown> | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async open(server: EntranceServer): Promise<void> {
    server.listen({ host: '127.0.0.1', port: this.#port });
    try {
      await once(server, 'listening');
    } catch (error) {
      throw this.#explained(error);
    }
    this.#server = server;
  }

  shut(): void {
    const server = this.#server;
    if (server === undefined || this.#closed !== undefined) return;
    this.#closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.shut();
    this.#server?.closeAllConnections();
    await this.#closed;
  }

  #explained(error: unknown): KvcError {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const message = isTaken ? `port ${this.#port} is in use by another process` : messageOf(error);
    const code = isTaken ? 'KVC_E_PORT_TAKEN' : 'KVC_E_START_FAILED';
    return new KvcError(code, message, { port: this.#port }, { cause: error });
  }
}
