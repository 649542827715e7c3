import { KvcError, messageOf } from '../errors.js';
import { errorOfText } from '../protocol/errorJson.js';
import { bodyOf, Connection, type Answer } from './connection.js';

/** Keep-alive connections to one node, as many as there are requests at a time. */
export class ConnectionPool {
  readonly #port: number;
  readonly #name: string;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  /** @param name - of the node, for messages */
  constructor(port: number, name = `port ${port}`) {
    this.#port = port;
    this.#name = name;
  }

  /**
   * @throws KvcError if the answer is not 200, for a figure that rests on it would be wrong: the node's own error, or
   * KVC_E_NODE_UNREACHABLE where none came
   */
  async ask(request: Buffer): Promise<Answer> {
    const connection = this.#free.pop() ?? (await this.#open());
    const answer = await connection.ask(request);
    this.#free.push(connection);
    if (answer.status === 200) return answer;
    if (answer.status !== 0) throw errorOfText(bodyOf(answer), answer.status);
    throw this.#unreachable('a connection was lost, or had no answer for too long');
  }

  /** Requests under way are lost by it. */
  close(): void {
    for (const connection of this.#all) connection.close();
  }

  async #open(): Promise<Connection> {
    const connection = await Connection.open(this.#port).catch((error: unknown) => {
      throw this.#unreachable(messageOf(error));
    });
    this.#all.push(connection);
    return connection;
  }

  #unreachable(why: string): KvcError {
    return new KvcError('KVC_E_NODE_UNREACHABLE', `${this.#name}: ${why}`, { try: ['kvc status'] });
  }
}
