import { Connection, type Answer } from './connection.js';

/** Keep-alive connections to one server, as many as there are requests at a time. */
export class ConnectionPool {
  readonly #port: number;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error if the answer is not 200: a figure that rests on it would be wrong */
  async ask(request: Buffer): Promise<Answer> {
    const connection = this.#free.pop() ?? (await this.#open());
    const answer = await connection.ask(request);
    this.#free.push(connection);
    if (answer.status !== 200)
      throw new Error(`a node answered ${answer.status}: ${answer.bytes.toString()}`);
    return answer;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  async #open(): Promise<Connection> {
    const connection = await Connection.open(this.#port);
    this.#all.push(connection);
    return connection;
  }
}
