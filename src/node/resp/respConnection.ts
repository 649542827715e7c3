import type { Socket } from 'node:net';
import { Fifo } from '../../core/fifo.js';
import type { RunningNode } from '../../driver/runningNode.js';
import type { Wait } from '../../driver/wait.js';
import { limits } from '../../protocol/limits.js';
import { ReplyWriter } from '../../protocol/resp/replyWriter.js';
import { RequestParser } from '../../protocol/resp/requestParser.js';
import type { ServedProcess } from '../httpServer.js';
import { Output } from './output.js';
import type { Reply } from './reply.js';
import { CommandRunner } from './commandRunner.js';
import { hangUp } from './hangUp.js';
import type { LaterReply } from './laterReply.js';
import { errorReply } from './replies.js';
import type { RespClient, Transaction, RespServerState } from './respClient.js';
import { RespSession } from './respSession.js';
import type { ScanCursors } from './scanCursors.js';

/** Commands of one connection that are begun and not answered. Further ones are not read meanwhile. */
const unansweredMax = 1024;
/** Answers that a client has not taken. While there are more, nothing further of it is done. */
const outputBytesMax = 1024 * 1024;
/** Bytes that are kept while one command waits; further ones stay with the system. */
const keptBytesMax = 256 * 1024;
/** A client that takes nothing of what is there for it for so long is cut off. */
const stallMsMax = 30_000;

export interface RespConnectionParts {
  readonly id: number;
  readonly served: ServedProcess;
  readonly state: RespServerState;
  readonly cursors: ScanCursors;
}

/**
 * One client of the Redis protocol: reads its commands, has them done in their order, and sends the answers in that order, all
 * that there are of one turn at once.
 */
export class RespConnection implements RespClient {
  readonly id: number;
  readonly served: ServedProcess;
  readonly state: RespServerState;
  readonly cursors: ScanCursors;
  readonly session = new RespSession();
  readonly defaultWait = this.wait(limits.timeoutMsDefault);
  readonly address: string;
  readonly connectedAtMs = Date.now();
  name = '';
  library = { name: '', version: '' };
  lastCommand = '';
  transaction: Transaction | undefined;
  readonly #socket: Socket;
  readonly #parser = new RequestParser();
  readonly #output: Output;
  readonly #writer = new ReplyWriter();
  readonly #runner = new CommandRunner(this);
  readonly #slots = new Fifo<Reply | LaterReply>();
  readonly #goneListeners = new Set<() => void>();
  readonly #onTurnEnd = (): void => {
    this.#isSendDue = false;
    this.#pump();
  };
  readonly #onAnswered = (): void => this.#pumpSoon();
  #isEnding = false;
  /** The client sends nothing more; it may still want its answers. */
  #isHalfClosed = false;
  #isPumping = false;
  #isPumpDue = false;
  #isSendDue = false;
  #takenBytes = 0;
  #takenAtMs = Date.now();

  constructor(socket: Socket, { id, served, state, cursors }: RespConnectionParts) {
    this.id = id;
    this.served = served;
    this.state = state;
    this.cursors = cursors;
    this.address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    this.#socket = socket;
    this.#output = new Output(socket);
    socket.on('data', (chunk: Buffer) => {
      // Nothing of it will be done.
      if (this.#isEnding) return;
      this.#parser.push(chunk);
      this.#begin();
      if (this.#maySend()) this.#sendAtEndOfTurn();
      // So that nothing more is read in this turn.
      else this.#send();
    });
    socket.on('drain', () => this.#pump());
    socket.on('end', () => {
      this.#isHalfClosed = true;
      this.#pump();
    });
    socket.on('close', () => this.#gone());
    // What becomes of its answers is the client's loss; 'close' follows.
    socket.on('error', () => undefined);
  }

  get node(): RunningNode {
    return this.served.life.serving();
  }

  get isBlocked(): boolean {
    return this.#runner.isBlocked;
  }

  get protocol(): number {
    return this.#writer.protocol;
  }

  set protocol(version: number) {
    this.#writer.protocol = version === 3 ? 3 : 2;
  }

  wait(timeoutMs: number): Wait {
    return {
      timeoutMs,
      onGone: (listener) => {
        if (this.#socket.destroyed) listener();
        else this.#goneListeners.add(listener);
      },
    };
  }

  quit(): void {
    this.#isEnding = true;
  }

  /** Answers what is under way, and ends it. */
  finish(): void {
    this.quit();
    this.#pump();
  }

  /** Ends it, whatever is under way. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Cuts off a client that has stopped taking its answers. */
  checkStall(nowMs: number): void {
    const { takenBytes } = this.#output;
    if (takenBytes !== this.#takenBytes || this.#output.size === 0) {
      this.#takenBytes = takenBytes;
      this.#takenAtMs = nowMs;
    } else if (nowMs - this.#takenAtMs > stallMsMax) this.destroy();
  }

  /** Begins what can be begun, then sends what is answered. */
  #pump(): void {
    // What is there for a client that is gone is for nobody, and would never be sent.
    if (this.#socket.destroyed) return;
    this.#begin();
    this.#send();
  }

  #begin(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#writeAnswered();
    while (this.#maySend() && this.#beginNext());
    this.#isPumping = false;
  }

  #sendAtEndOfTurn(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    this.state.turn.add(this.#onTurnEnd);
  }

  #send(): void {
    if (this.#isPumping) return;
    if (this.#isHalfClosed && this.#slots.size === 0 && this.#maySend()) this.#isEnding = true;
    const wasFull = !this.#hasRoom();
    this.#flush();
    // What the system takes at once is followed by no 'drain'. Not in this turn: others wait, too.
    if (wasFull && !this.#output.isHeld) setImmediate(() => this.#pump());
    if (this.#maySend() || this.#isEnding || this.#mayListen()) this.#socket.resume();
    else this.#socket.pause();
  }

  #maySend(): boolean {
    return !this.#isEnding && !this.#runner.isBlocked && this.#slots.size < unansweredMax && this.#hasRoom();
  }

  /** While one command waits, for only who reads learns that a client is gone; what comes behind it is kept, within limits. */
  #mayListen(): boolean {
    return this.#runner.isBlocked && this.#hasRoom() && this.#parser.waitingBytes < keptBytesMax;
  }

  #hasRoom(): boolean {
    return this.#output.size + this.#writer.size < outputBytesMax;
  }

  /** @returns false if there is no whole command */
  #beginNext(): boolean {
    try {
      const words = this.#parser.next();
      if (words === undefined) return false;
      this.#answer(this.#runner.run(words));
    } catch (error) {
      // What follows cannot be made sense of.
      if (this.#parser.isBroken) this.quit();
      this.#answer(errorReply(error));
    }
    return true;
  }

  #answer(outcome: Reply | LaterReply): void {
    const isLater = typeof outcome !== 'function';
    const reply = isLater ? outcome.reply : outcome;
    if (reply !== undefined && this.#slots.size === 0) return this.#write(reply);
    this.#slots.push(outcome);
    if (isLater && reply === undefined) outcome.whenThere(this.#onAnswered);
  }

  /** Once for all answers of one turn: what becomes durable together is answered together. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Answers that do not fit stay as they are, which is mostly much smaller than their bytes. */
  #writeAnswered(): void {
    while (this.#hasRoom()) {
      const first = this.#slots.peek();
      const reply = typeof first === 'function' ? first : first?.reply;
      if (reply === undefined) return;
      this.#slots.shift();
      // Before anything further is begun: a client that always has something under way would leave them all.
      if (this.#slots.size === 0) this.#goneListeners.clear();
      this.#write(reply);
    }
  }

  /** An answer that fails half made would leave the client with half of it: answers fail before they write anything. */
  #write(reply: Reply): void {
    reply(this.#writer);
  }

  #flush(): void {
    if (this.#socket.destroyed) return;
    this.#output.goOn();
    if (this.#output.isHeld) return;
    const bytes = this.#writer.take();
    if (bytes !== undefined) this.#output.send(bytes);
    if (this.#isEnding && this.#slots.size === 0 && this.#output.isDone) hangUp(this.#socket);
  }

  #gone(): void {
    this.#isEnding = true;
    for (const listener of this.#goneListeners) listener();
    this.#goneListeners.clear();
  }
}
