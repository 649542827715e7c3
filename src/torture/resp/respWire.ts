import { connect, type Socket } from 'node:net';
import { KvcError } from '../../errors.js';
import { ReplyParser, type RespAnswer } from '../../protocol/resp/replyParser.js';
import { requestBytes } from '../../protocol/resp/requestBytes.js';

interface Asked {
  readonly count: number;
  readonly answers: RespAnswer[];
  readonly resolve: (answers: readonly RespAnswer[]) => void;
  readonly reject: (error: KvcError) => void;
}

/** A connection to a node over the Redis protocol. It is not opened again when it has ended. */
export class RespWire {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #parser = new ReplyParser();
  /** One set of commands at a time. */
  #asked: Asked | undefined;
  #failure: Error | undefined;
  #isOver = false;

  /** @param peer - the node's name, for messages */
  constructor(port: number, peer: string) {
    this.#peer = peer;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => (this.#failure = error));
    this.#socket.on('close', () => this.#end(this.#failure ?? new Error('the connection ended')));
  }

  /** Nothing can be asked over it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Sends commands in one piece.
   * @returns their answers, errors among them
   * @throws KvcError KVC_E_NODE_UNREACHABLE if not all are there in time: some or all may have been done. The connection is over then
   */
  ask(commands: readonly (readonly string[])[], timeoutMs: number): Promise<readonly RespAnswer[]> {
    const timer = setTimeout(
      () => this.#end(Object.assign(new Error('out of time'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    const answered = new Promise<readonly RespAnswer[]>((resolve, reject) => {
      this.#asked = { count: commands.length, answers: [], resolve, reject };
      if (this.#isOver) this.#end(this.#failure ?? new Error('the connection ended'));
      else this.#socket.write(Buffer.concat(commands.map(requestBytes)));
    });
    return answered.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#end(new Error('the client closed the connection'));
  }

  #take(chunk: Buffer): void {
    try {
      this.#parser.push(chunk);
      for (let answer = this.#parser.next(); answer !== undefined; answer = this.#parser.next())
        this.#add(answer);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #add(answer: RespAnswer): void {
    const asked = this.#asked;
    if (asked === undefined) throw new Error('an answer came that nobody had asked for');
    asked.answers.push(answer);
    if (asked.answers.length < asked.count) return;
    this.#asked = undefined;
    asked.resolve(asked.answers);
  }

  #end(cause: Error): void {
    this.#isOver = true;
    this.#socket.destroy();
    const asked = this.#asked;
    this.#asked = undefined;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    const message = `${this.#peer} did not answer over the Redis protocol: ${cause.message}`;
    asked?.reject(new KvcError('KVC_E_NODE_UNREACHABLE', message, { reason }, { cause }));
  }
}
