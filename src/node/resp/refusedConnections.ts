import type { Socket } from 'node:net';
import { hangUp } from './hangUp.js';

/** Connections at a time that are told why they are not wanted; further ones are closed without a word. */
const toldMax = 100;

/** Connections that the server has no room for, until they are closed. */
export class RefusedConnections {
  readonly #sockets = new Set<Socket>();

  /** Tells the client, and ends the connection. */
  refuse(socket: Socket): void {
    // What becomes of it is the client's loss.
    socket.on('error', () => undefined);
    if (this.#sockets.size >= toldMax) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    hangUp(socket, '-ERR max number of clients reached\r\n');
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
