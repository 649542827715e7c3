import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Channel, Outcome } from './channel.js';

const dollar = 36;
const minus = 45;
const lf = 10;
/** More than anything that is measured answers with at once. */
const repliesBytesMax = 64 * 1024 * 1024;

/** A command of the Redis protocol as clients send it. */
export function commandBytes(...words: readonly string[]): Buffer {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${bulks.join('')}`);
}

/** What came back; `bytes` are the replies as they came. */
export interface Replies extends Outcome {
  readonly bytes: Buffer;
}

const lost: Replies = { status: 0, bytes: Buffer.alloc(0) };

/** Over a bare socket; reads replies that are lines or bulks, and looks at no more of them than where they end. */
export class RespChannel implements Channel {
  readonly #socket: Socket;
  readonly #pipeline: number;
  #received: Buffer = Buffer.alloc(0);
  #at = 0;
  #missing = 0;
  #isRefused = false;
  #onAnswer: ((replies: Replies) => void) | undefined;

  private constructor(socket: Socket, pipeline: number) {
    this.#socket = socket;
    this.#pipeline = pipeline;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#finish(lost));
    socket.on('error', () => socket.destroy());
  }

  /** @param pipeline - how many commands each request holds */
  static async open(port: number, pipeline = 1): Promise<RespChannel> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new RespChannel(socket, pipeline);
  }

  send(request: Buffer, onAnswer: (replies: Replies) => void): void {
    this.#onAnswer = onAnswer;
    this.#missing = this.#pipeline;
    this.#isRefused = false;
    if (this.#socket.destroyed) this.#finish(lost);
    else this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#received.length > repliesBytesMax) return this.close();
    while (this.#missing > 0) {
      const end = this.#endOfReply();
      if (end === undefined) return;
      if (this.#received[this.#at] === minus) this.#isRefused = true;
      this.#at = end;
      this.#missing -= 1;
    }
    const bytes = this.#received.subarray(0, this.#at);
    this.#received = this.#received.subarray(this.#at);
    this.#at = 0;
    this.#finish({ status: this.#isRefused ? 500 : 200, bytes });
  }

  /** undefined while the reply is not whole. */
  #endOfReply(): number | undefined {
    const bytes = this.#received;
    const lineEnd = bytes.indexOf(lf, this.#at) + 1;
    if (lineEnd === 0) return undefined;
    if (bytes[this.#at] !== dollar) return lineEnd;
    const length = Number(bytes.toString('latin1', this.#at + 1, lineEnd - 2));
    const end = length < 0 ? lineEnd : lineEnd + length + 2;
    return end > bytes.length ? undefined : end;
  }

  #finish(replies: Replies): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(replies);
  }
}

/** One command over a connection of its own. @throws Error if it is answered with an error, or not at all */
export async function askResp(port: number, ...words: readonly string[]): Promise<string> {
  const channel = await RespChannel.open(port);
  const { status, bytes } = await new Promise<Replies>((resolve) => {
    channel.send(commandBytes(...words), resolve);
  });
  channel.close();
  const text = bytes.toString();
  if (status !== 200) throw new Error(`${words.join(' ')} was answered with ${text}`);
  return text;
}
