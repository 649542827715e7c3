import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Entrance, EntranceServer } from '../../node/entrance.js';
import type { Gate } from './gate.js';
import { GatedStream } from './gatedStream.js';

/** What is spoken at a door: HTTP, or the Redis protocol. */
export type Speech = 'http' | 'resp';

/**
 * A port of the system's choice that stays a node's own as long as the cluster stands, whether the node runs or not: it is
 * bound once, so no other process can take it while the node is down. Who connects then is cut off at once; requests to a
 * node that stands still wait.
 */
export class Door implements Entrance {
  readonly port: number;
  readonly #listener: Listener;
  readonly #gate: Gate;
  readonly #speech: Speech;
  readonly #sockets = new Set<Socket>();
  #server: EntranceServer | undefined;

  private constructor(listener: Listener, gate: Gate, speech: Speech) {
    this.#listener = listener;
    this.#gate = gate;
    this.#speech = speech;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (socket) => this.#admit(socket));
  }

  static async bind(gate: Gate, speech: Speech): Promise<Door> {
    // As node:http listens, and as the server of the Redis protocol does.
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    listener.listen({ host: '127.0.0.1', port: 0 });
    await once(listener, 'listening');
    return new Door(listener, gate, speech);
  }

  open(server: EntranceServer): Promise<void> {
    if (this.#speech === 'http') {
      this.#gateRequests(server);
      this.#gateUpgrades(server);
    }
    this.#server = server;
    return Promise.resolve();
  }

  shut(): void {
    this.#server = undefined;
  }

  async close(): Promise<void> {
    this.shut();
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await Promise.all(closed);
  }

  /** Gives the port back. */
  async release(): Promise<void> {
    await this.close();
    await once(this.#listener.close(), 'close');
  }

  #admit(socket: Socket): void {
    if (this.#server === undefined) {
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#server.emit('connection', socket);
    if (this.#speech === 'resp') this.#gateSocket(socket);
  }

  /**
   * The node hears nothing of a connection while it stands still, neither what comes nor that its answers were taken; and what
   * was not heard yet is left with the system.
   */
  #gateSocket(socket: Socket): void {
    for (const event of ['data', 'drain', 'end'] as const) {
      const hear = socket.listeners(event) as ((...heard: unknown[]) => void)[];
      socket.removeAllListeners(event);
      socket.on(event, (...heard: unknown[]) => {
        if (!this.#gate.isOpen) socket.pause();
        this.#gate.pass(() => {
          if (!socket.destroyed) hear.forEach((listener) => listener.apply(socket, heard));
        });
      });
    }
  }

  #gateRequests(server: EntranceServer): void {
    const serve = server.listeners('request') as ((...request: [IncomingMessage, ServerResponse]) => void)[];
    server.removeAllListeners('request');
    server.on('request', (...request: [IncomingMessage, ServerResponse]) =>
      this.#gate.pass(() => serve.forEach((listener) => listener.apply(server, request))),
    );
  }

  /** An upgraded connection has no requests any more: all that passes on it stands still. */
  #gateUpgrades(server: EntranceServer): void {
    type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];
    const upgrade = server.listeners('upgrade') as ((...args: Upgrade) => void)[];
    server.removeAllListeners('upgrade');
    server.on('upgrade', (...[request, socket, head]: Upgrade) => {
      const gated = new GatedStream(socket, this.#gate);
      this.#gate.pass(() => upgrade.forEach((listener) => listener.call(server, request, gated, head)));
    });
  }
}
