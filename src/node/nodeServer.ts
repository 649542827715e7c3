import { Server, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { IncomingLink } from '../transport/incomingLink.js';

/** An HTTP server that also knows of the links that its requests were upgraded to: they end with its connections. */
export class NodeServer extends Server {
  readonly #links = new Set<IncomingLink>();

  /** @param socket - the connection that the link is on */
  admit(link: IncomingLink, socket: Duplex): void {
    this.#links.add(link);
    socket.once('close', () => this.#links.delete(link));
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    for (const link of this.#links) link.finish();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    for (const link of this.#links) link.destroy();
  }

  /** As HTTP allows, an upgrade to what is not known here is left: the request goes on as one like any other. */
  withoutUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
      if (!aboutUpgrade.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
    }
    socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
    this.emit('connection', socket);
  }
}

const aboutUpgrade: ReadonlySet<string> = new Set(['upgrade', 'connection', 'http2-settings']);
