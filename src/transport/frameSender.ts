import type { Duplex } from 'node:stream';
import { ByteWriter } from '../protocol/link/byteWriter.js';

/** Collects the frames of one turn of the event loop, and gives them to the socket at once. */
export class FrameSender {
  /** What is to be sent is written here, followed by `flushSoon`. */
  readonly writer = new ByteWriter();
  #socket: Duplex | undefined;
  #isDue = false;

  /** What waits to be taken by the network. */
  get waitingBytes(): number {
    return this.writer.length + (this.#socket?.writableLength ?? 0);
  }

  /** From now on there is somewhere to send it to. */
  open(socket: Duplex): void {
    this.#socket = socket;
    this.flush();
  }

  /** Behind all promises that are settled in this turn: they may have more to send. */
  flushSoon(): void {
    if (this.#isDue || this.#socket === undefined) return;
    this.#isDue = true;
    process.nextTick(() => this.flush());
  }

  flush(): void {
    this.#isDue = false;
    if (this.writer.length > 0 && this.#socket?.writable === true) this.#socket.write(this.writer.take());
  }
}
