import type { Socket } from 'node:net';

/**
 * What is handed to the socket at a time where there is more: that a client takes something is seen when it has taken all of
 * one piece.
 */
const pieceBytes = 64 * 1024;

/** The bytes that go out to one client, and how much of them it has taken. */
export class Output {
  readonly #socket: Socket;
  /** What the socket was not given yet. */
  #rest: Buffer | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the client has not taken, as far as this process can tell. */
  get size(): number {
    return this.#socket.writableLength + (this.#rest?.length ?? 0);
  }

  /** Bytes that it has taken. */
  get takenBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** Whether there is so much already that the next bytes are to be kept for the socket's 'drain'. */
  get isHeld(): boolean {
    return this.#rest !== undefined || this.#socket.writableLength >= pieceBytes;
  }

  /** All was given to the socket, which was not ended yet. */
  get isDone(): boolean {
    return this.#rest === undefined && !this.#socket.writableEnded;
  }

  /** Not while it is held. What the socket is not given now is sent by `goOn`. */
  send(bytes: Buffer): void {
    this.#rest = bytes;
    this.goOn();
  }

  /** To be called at each 'drain', which follows for as long as it is held. */
  goOn(): void {
    while (this.#rest !== undefined && this.#socket.writableLength < pieceBytes) {
      const rest: Buffer = this.#rest;
      // Those that the socket has to keep while it is busy, it sends as one: never more than one is left with it.
      this.#rest = rest.length > pieceBytes ? rest.subarray(pieceBytes) : undefined;
      this.#socket.write(rest.length > pieceBytes ? rest.subarray(0, pieceBytes) : rest);
    }
  }
}
