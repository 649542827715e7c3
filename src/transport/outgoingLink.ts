import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fifo } from '../core/fifo.js';
import { KvcError, messageOf } from '../errors.js';
import { errorOfText } from '../protocol/errorJson.js';
import { limits } from '../protocol/limits.js';
import { AnswerReader, answerBytesMax } from '../protocol/link/answerCodec.js';
import { FrameReader } from '../protocol/link/frameReader.js';
import { linkProtocol } from '../protocol/link/linkProtocol.js';
import { MessageWriter } from '../protocol/link/messageCodec.js';
import { clusterHeader, type ReplicateAnswer, type ReplicateMessage } from '../protocol/replicateMessage.js';
import { deferred, type Deferred } from './deferred.js';
import { FrameSender } from './frameSender.js';
import { problemOf } from './problemOf.js';
import { readBody } from './readBody.js';

export interface OutgoingLinkOptions {
  /** The base URL of the peer. */
  readonly url: string;
  readonly clusterId: string;
  /** How long to wait for the connection, or for the next answer on it, in ms. */
  readonly timeoutMs: number;
  /** What is to be told where the connection is of no use any more, for a reason in words. */
  readonly unreachable: (problem: string, cause?: unknown) => KvcError;
}

/** Bytes that may wait for a peer that does not take them; the message of the greatest size always fits. */
const waitingBytesMax = limits.replicateBodyBytesMax;

/**
 * One connection to a peer, upgraded from an HTTP request. Messages leave in the order of the calls, and are answered in that
 * order: an answer that waits for a disk holds up those behind it, which wait for the same disk. What ends the connection fails
 * all that is under way on it: another one begins from nothing.
 */
export class OutgoingLink {
  readonly #options: OutgoingLinkOptions;
  readonly #request: ClientRequest;
  readonly #underWay = new Fifo<Deferred<ReplicateAnswer>>();
  readonly #messages = new MessageWriter();
  readonly #sender = new FrameSender();
  readonly #frames = new FrameReader(answerBytesMax);
  readonly #answers = new AnswerReader();
  readonly #timer: NodeJS.Timeout;
  #socket: Duplex | undefined;
  #ended: Error | undefined;

  constructor(options: OutgoingLinkOptions) {
    this.#options = options;
    const { url, clusterId, timeoutMs } = options;
    this.#timer = setTimeout(() => this.#timedOut(), timeoutMs);
    const headers = { connection: 'Upgrade', upgrade: linkProtocol, [clusterHeader]: clusterId };
    this.#request = request(new URL('/replicate', url), { agent: false, headers });
    this.#request.on('upgrade', (_, socket: Duplex, head: Buffer) => this.#open(socket, head));
    this.#request.on('response', (response) => this.#refused(response));
    this.#request.on('error', (error) => this.#broke(error));
    this.#request.end();
  }

  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** @throws KvcError `unreachable`, or the peer's own error where it refused the message */
  send(message: ReplicateMessage): Promise<ReplicateAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#sender.waitingBytes >= waitingBytesMax) {
      return Promise.reject(
        this.#options.unreachable(`has not taken ${this.#sender.waitingBytes} bytes yet`),
      );
    }
    if (this.#underWay.size === 0) this.#timer.refresh();
    const answer = deferred<ReplicateAnswer>();
    this.#underWay.push(answer);
    this.#messages.write(this.#sender.writer, message);
    this.#sender.flushSoon();
    return answer.promise;
  }

  /** Ends the connection; what is under way on it fails with `error`, and so does everything after that. */
  end(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    clearTimeout(this.#timer);
    this.#request.destroy();
    this.#socket?.destroy();
    for (const { reject } of this.#underWay.take(this.#underWay.size)) reject(error);
  }

  /** Nobody is to be called there any more. */
  abandon(): void {
    this.end(this.#options.unreachable('is not there any more'));
  }

  #open(socket: Duplex, head: Buffer): void {
    if (this.#ended !== undefined) return void socket.destroy();
    this.#socket = socket;
    this.#timer.refresh();
    socket.on('error', (error) => this.#broke(error));
    socket.on('close', () => this.#broke(new Error('it was closed')));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#sender.open(socket);
    if (head.length > 0) this.#take(head);
  }

  #take(chunk: Buffer): void {
    this.#frames.push(chunk);
    try {
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        this.#answered(this.#answers.read(frame));
      }
    } catch (error) {
      this.end(
        this.#options.unreachable(`gave an answer that is no acknowledgement: ${messageOf(error)}`, error),
      );
    }
  }

  #answered(answer: ReplicateAnswer | KvcError): void {
    const asked = this.#underWay.shift();
    if (asked === undefined) throw new Error('nothing was asked');
    this.#timer.refresh();
    if (answer instanceof KvcError) asked.reject(answer);
    else asked.resolve(answer);
  }

  /** Nothing was upgraded: the answer says why. */
  #refused(response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    readBody(response, answerBytesMax).then(
      (body) => this.end(this.#refusal(status, body.toString('utf8'))),
      (error: unknown) => this.#broke(error),
    );
  }

  #refusal(status: number, text: string): KvcError {
    if (status >= 400) return errorOfText(text, status);
    return this.#options.unreachable(`takes no link: it answered with HTTP status ${status}`);
  }

  #timedOut(): void {
    if (this.#underWay.size === 0) return;
    this.end(this.#options.unreachable(`did not answer within ${this.#options.timeoutMs / 1000} s`));
  }

  #broke(error: unknown): void {
    const problem = problemOf(error, this.#options.timeoutMs);
    this.end(this.#options.unreachable(problem, error));
  }
}
