import type { Duplex } from 'node:stream';
import { Fifo } from '../core/fifo.js';
import type { KvcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { AnswerWriter } from '../protocol/link/answerCodec.js';
import { FrameReader, type Frame } from '../protocol/link/frameReader.js';
import { frameTypes } from '../protocol/link/frames.js';
import { linkProtocol } from '../protocol/link/linkProtocol.js';
import { MessageReader } from '../protocol/link/messageCodec.js';
import { unreadable } from '../protocol/link/unreadable.js';
import type { ReplicateAnswer, ReplicateMessage } from '../protocol/replicateMessage.js';
import { FrameSender } from './frameSender.js';

export interface IncomingLinkOptions {
  /** Takes a message, and answers or refuses it. Called in the order of arrival, whether or not earlier ones are answered. */
  readonly replicate: (message: ReplicateMessage) => Promise<ReplicateAnswer>;
  /** What the sender is told of a failure. */
  readonly failureOf: (error: unknown) => KvcError;
}

/** One that was taken; how it ended comes when it is known. */
interface Taken {
  ended?: (answers: AnswerWriter) => void;
}

/** More than any sender's window. Beyond it nothing more is read until some are answered. */
const unansweredMax = 1024;
/** Answers that may wait for a peer that does not take them, in bytes. */
const waitingBytesMax = 1024 * 1024;

/** The other end of an `OutgoingLink`: takes messages in their order, and answers them in that order. */
export class IncomingLink {
  readonly #socket: Duplex;
  readonly #options: IncomingLinkOptions;
  readonly #frames = new FrameReader(limits.replicateBodyBytesMax);
  readonly #messages = new MessageReader();
  readonly #answers = new AnswerWriter();
  readonly #sender = new FrameSender();
  readonly #taken = new Fifo<Taken>();
  /** Nothing more is taken; the connection ends when all is answered. */
  #isFinishing = false;

  /**
   * Says yes to the request that is to be upgraded, and goes on from there.
   * @param head - what has come behind the request already
   */
  constructor(socket: Duplex, head: Buffer, options: IncomingLinkOptions) {
    this.#socket = socket;
    this.#options = options;
    // Its end is told by 'close'.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('drain', () => this.#readOn());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${linkProtocol}\r\n\r\n`,
    );
    this.#sender.open(socket);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    if (head.length > 0) this.#take(head);
  }

  /** Takes nothing more, answers what it has taken, and ends. */
  finish(): void {
    this.#isFinishing = true;
    this.#endIfFinished();
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#isFinishing) return;
    this.#frames.push(chunk);
    try {
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        this.#takeMessage(frame);
      }
    } catch (error) {
      // What follows cannot be understood.
      const failure = this.#options.failureOf(error);
      this.#taken.push({ ended: (answers) => answers.writeRefusal(this.#sender.writer, failure) });
      this.#isFinishing = true;
      this.#answer();
    }
    if (!this.#mayRead) this.#socket.pause();
  }

  #takeMessage({ type, content }: Frame): void {
    if (type !== frameTypes.message) throw unreadable(`it is of type ${type}, and no message`);
    const message = this.#messages.read(content);
    const taken: Taken = {};
    this.#taken.push(taken);
    this.#options.replicate(message).then(
      (answer) => this.#end(taken, (answers) => answers.write(this.#sender.writer, answer)),
      (error: unknown) => {
        const failure = this.#options.failureOf(error);
        this.#end(taken, (answers) => answers.writeRefusal(this.#sender.writer, failure));
      },
    );
  }

  #end(taken: Taken, write: (answers: AnswerWriter) => void): void {
    taken.ended = write;
    this.#answer();
  }

  /** Answers as many as have ended without a gap. */
  #answer(): void {
    if (this.#socket.destroyed) return;
    for (let next = this.#taken.peek()?.ended; next !== undefined; next = this.#taken.peek()?.ended) {
      next(this.#answers);
      this.#taken.shift();
    }
    this.#sender.flushSoon();
    this.#readOn();
    this.#endIfFinished();
  }

  get #mayRead(): boolean {
    return this.#taken.size < unansweredMax && this.#sender.waitingBytes < waitingBytesMax;
  }

  #readOn(): void {
    if (this.#socket.isPaused() && this.#mayRead) this.#socket.resume();
  }

  #endIfFinished(): void {
    if (!this.#isFinishing || this.#taken.size > 0) return;
    this.#sender.flush();
    this.#socket.end();
  }
}
