import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Channel, Outcome } from '../../src/load/channel.js';

const lf = 10;
const lineEndBytes = 2;
/** Where the channel that sends a request puts the name of its inbox, which is as long. */
const inboxMark = '_INBOX.--------';

/** A message that asks for an answer. */
export function natsRequest(subject: string, payload: string): Buffer {
  return Buffer.from(`PUB ${subject} ${inboxMark} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
}

/** What came back, with its headers. */
export interface NatsAnswer extends Outcome {
  readonly text: () => string;
}

const lost: NatsAnswer = { status: 0, text: () => 'the connection was lost' };

let lastInbox = 0;

/** A connection to a NATS server that sends one request at a time: as much of a client as the load needs. */
export class NatsChannel implements Channel {
  readonly #socket: Socket;
  readonly #inbox: string;
  #received: Buffer = Buffer.alloc(0);
  #onAnswer: ((answer: NatsAnswer) => void) | undefined;

  private constructor(socket: Socket) {
    lastInbox += 1;
    this.#inbox = `_INBOX.${String(lastInbox).padStart(8, '0')}`;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#finish(lost));
    socket.on('error', () => socket.destroy());
    const options = { verbose: false, pedantic: false, headers: true, no_responders: true, lang: 'bench' };
    socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${this.#inbox} 1\r\n`);
  }

  static async open(port: number): Promise<NatsChannel> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new NatsChannel(socket);
  }

  send(request: Buffer, onAnswer: (answer: NatsAnswer) => void): void {
    this.#onAnswer = onAnswer;
    if (this.#socket.destroyed) return this.#finish(lost);
    const own = Buffer.from(request);
    own.write(this.#inbox, own.indexOf(inboxMark), 'latin1');
    this.#socket.write(own);
  }

  ask(request: Buffer): Promise<NatsAnswer> {
    return new Promise((resolve) => this.send(request, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const headEnd = this.#received.indexOf(lf) + 1;
      if (headEnd === 0) return;
      const words = this.#received.toString('latin1', 0, headEnd - lineEndBytes).split(' ');
      const isMessage = words[0] === 'MSG' || words[0] === 'HMSG';
      const bodyEnd = headEnd + (isMessage ? Number(words.at(-1)) : 0);
      const end = bodyEnd + (isMessage ? lineEndBytes : 0);
      if (this.#received.length < end) return;
      const body = this.#received.subarray(headEnd, bodyEnd);
      this.#received = this.#received.subarray(end);
      if (isMessage) this.#finish(answerOf(words[0] === 'HMSG', body));
      else this.#notice(words[0]);
    }
  }

  #notice(word: string | undefined): void {
    if (word === 'PING') this.#socket.write('PONG\r\n');
    if (word === '-ERR') this.#socket.destroy();
  }

  #finish(answer: NatsAnswer): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(answer);
  }
}

/** With headers, which only reads are answered with, a problem is told by a status behind the version. */
function answerOf(hasHeaders: boolean, body: Buffer): NatsAnswer {
  const isRefused = hasHeaders ? !body.includes('NATS/1.0\r\n') : body.includes('"error":');
  return { status: isRefused ? 500 : 200, text: () => body.toString() };
}
