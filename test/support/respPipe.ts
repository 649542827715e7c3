import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ReplyParser, type RespAnswer } from '../../src/protocol/resp/replyParser.js';
import { until } from './until.js';

/** A connection over which a test sends bytes, and takes apart what comes back. */
export class RespPipe {
  readonly #socket: Socket;
  readonly #parser = new ReplyParser();
  /** All that came, in order. */
  readonly answers: RespAnswer[] = [];
  /** What came and is no answer. */
  problem: unknown;
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => (this.isClosed = true));
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RespPipe> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RespPipe(socket);
  }

  /** Resolves when the system has taken it: the next one goes out by itself. */
  async send(bytes: Buffer): Promise<void> {
    if (this.#socket.writable)
      await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Sends nothing more; answers still come. */
  endSending(): void {
    this.#socket.end();
  }

  /** Awaits so many answers altogether, or the end of the connection. */
  async received(count: number): Promise<void> {
    await until(`${count} answers`, () => this.answers.length >= count || this.isClosed, 20_000);
  }

  async closed(): Promise<void> {
    await until('the connection ends', () => this.isClosed, 20_000);
  }

  /** Bytes that came and are not a whole answer. */
  get rest(): number {
    return this.#parser.size;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#parser.push(chunk);
    try {
      for (let next = this.#parser.next(); next !== undefined; next = this.#parser.next())
        this.answers.push(next);
    } catch (error) {
      this.problem = error;
      this.#socket.destroy();
    }
  }
}
