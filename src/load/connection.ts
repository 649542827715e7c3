import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One HTTP answer, taken apart only as far as the load generator needs. */
export interface Answer {
  /** 0: the connection was lost, or what came is not an answer that this client can read. */
  readonly status: number;
  readonly head: string;
  /** Head and body. */
  readonly bytes: Buffer;
  readonly bodyStart: number;
}

const lost: Answer = { status: 0, head: '', bytes: Buffer.alloc(0), bodyStart: 0 };
const headEnd = '\r\n\r\n';
/** More than anything that is measured answers with. */
const answerBytesMax = 64 * 1024 * 1024;
const lengthField = /\r\ncontent-length: (\d+)/i;

/**
 * A keep-alive connection that carries one request at a time, on a bare socket: any HTTP client library would use more
 * processor time than the servers that are measured. It reads answers with a content-length only, which is what they send.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer | undefined;
  #onAnswer: ((answer: Answer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#finish(lost));
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** @param onAnswer - called once; it may send the next request at once */
  send(request: Buffer, onAnswer: (answer: Answer) => void): void {
    this.#onAnswer = onAnswer;
    if (this.#socket.destroyed) this.#finish(lost);
    else this.#socket.write(request);
  }

  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => this.send(request, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    if (bytes.length > answerBytesMax) return this.close();
    const end = bytes.indexOf(headEnd);
    if (end < 0) {
      this.#received = bytes;
      return;
    }
    const head = bytes.toString('latin1', 0, end);
    const length = Number(lengthField.exec(head)?.[1]);
    const bodyStart = end + headEnd.length;
    if (bytes.length < bodyStart + length) {
      this.#received = bytes;
      return;
    }
    this.#received = undefined;
    this.#finish(Number.isNaN(length) ? lost : { status: Number(head.slice(9, 12)), head, bytes, bodyStart });
  }

  #finish(answer: Answer): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(answer);
  }
}

export function bodyOf(answer: Answer): string {
  return answer.bytes.toString('utf8', answer.bodyStart);
}

export function headerOf(answer: Answer, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: (.*)`, 'i').exec(answer.head)?.[1];
}
