import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it passes; it is done and its answer is lost; it is lost; nothing is answered. */
export type Passage = 'pass' | 'lose answer' | 'lose request' | 'hang';

/** A request that came through, as it was sent. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** Stands between clients and a node, and loses what the test tells it to. */
export class Forwarder {
  readonly url: string;
  readonly seen: Passed[] = [];
  /** Decides about each request; /healthz always passes. */
  passage: (request: Passed) => Passage = () => 'pass';
  readonly #server: Server;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      this.#take(new URL(target), incoming, response);
    });
  }

  static async start(target: { readonly url: string }): Promise<Forwarder> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Forwarder(server, target.url);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(target: URL, incoming: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = incoming;
    const passed = { method, path, headers };
    const passage = path === '/healthz' ? 'pass' : this.passage(passed);
    if (path !== '/healthz') this.seen.push(passed);
    if (passage === 'hang') return;
    if (passage === 'lose request') return void incoming.socket.resetAndDestroy();
    const terms = { method, path, headers: { ...headers, host: target.host } };
    const outgoing = request(target, terms, (answer) => {
      if (passage === 'lose answer') {
        // The node has answered, so it has done it.
        answer.resume().once('end', () => incoming.socket.resetAndDestroy());
      } else {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }
    });
    outgoing.on('error', () => incoming.socket.destroy());
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }
}
