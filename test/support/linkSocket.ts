import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KvcError } from '../../src/errors.js';
import { AnswerReader, answerBytesMax } from '../../src/protocol/link/answerCodec.js';
import { ByteWriter } from '../../src/protocol/link/byteWriter.js';
import { FrameReader } from '../../src/protocol/link/frameReader.js';
import { linkProtocol } from '../../src/protocol/link/linkProtocol.js';
import { MessageWriter } from '../../src/protocol/link/messageCodec.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import { until } from './until.js';

/** One end of a link, by hand. */
export class LinkSocket {
  readonly answers: (ReplicateAnswer | KvcError)[] = [];
  readonly #socket: Duplex;
  readonly #messages = new MessageWriter();
  #isClosed = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    const frames = new FrameReader(answerBytesMax);
    const reader = new AnswerReader();
    socket.on('error', () => undefined);
    socket.on('close', () => (this.#isClosed = true));
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk);
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        this.answers.push(reader.read(frame));
      }
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(...messages: readonly ReplicateMessage[]): void {
    const writer = new ByteWriter();
    for (const message of messages) this.#messages.write(writer, message);
    this.sendBytes(writer.take());
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  async answered(count: number): Promise<void> {
    await until(`${count} messages are answered`, () => this.answers.length >= count);
  }

  /** Resolves when the other end has closed the connection. */
  async closed(): Promise<void> {
    if (!this.#isClosed) await once(this.#socket, 'close');
  }

  /** Takes nothing any more, as a process that stands still. */
  freeze(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Asks for a link; where the answer is no upgrade, resolves with that. */
export function askForLink(
  url: string,
  options: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<LinkSocket | IncomingMessage> {
  const headers = { connection: 'Upgrade', upgrade: linkProtocol, ...options.headers };
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, headers, agent: false });
    asked.on('upgrade', (_, socket: Duplex) => resolve(new LinkSocket(socket)));
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
}

/** The same, where it is upgraded. */
export async function openLink(url: string): Promise<LinkSocket> {
  const link = await askForLink(`${url}/replicate`);
  if (link instanceof LinkSocket) return link;
  throw new Error(`the link was refused with status ${link.statusCode}`);
}
