import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './until.js';

/** A connection over which a test sends bytes, and sees the bytes that come back. */
export class RespSocket {
  readonly #socket: Socket;
  #received = '';
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.#received += text));
    socket.on('end', () => (this.isClosed = true));
    socket.on('close', () => (this.isClosed = true));
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RespSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RespSocket(socket);
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends requests, and awaits exactly this answer to all of them. */
  async expects(request: string | readonly (readonly string[])[], answer: string): Promise<void> {
    this.send(typeof request === 'string' ? request : request.map(requestBytes).join(''));
    await this.receives(answer);
  }

  async receives(answer: string): Promise<void> {
    await until(`${JSON.stringify(answer)} comes`, () => this.#received.length >= answer.length);
    const got = this.#received.slice(0, answer.length);
    this.#received = this.#received.slice(answer.length);
    if (got !== answer) throw new Error(`received ${JSON.stringify(got)}, not ${JSON.stringify(answer)}`);
  }

  /** What came and was not expected yet. */
  get unread(): string {
    return this.#received;
  }

  /** Sent by the test; 0 when the system has taken the last of it. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Half of the connection ends: answers still come. */
  endSending(): void {
    this.#socket.end();
  }

  /** Ends it so that the other side is told that nothing is taken any more. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** As an array of bulk strings. */
export function requestBytes(words: readonly string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word, 'latin1')}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join('')}`;
}
