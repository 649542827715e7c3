import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { NatsChannel, natsRequest } from '../../bench/load/natsChannel.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A connection to a server that answers a message so, in two pieces; and all that it was sent. */
async function opened(answer: (inbox: string) => string, cut: number) {
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.write('INFO {"server_id":"x"}\r\nPING\r\n');
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString());
      const inbox = /^PUB \S+ (\S+) /m.exec(chunk.toString())?.[1];
      if (inbox === undefined) return;
      const text = answer(inbox);
      socket.write(text.slice(0, cut), () => setImmediate(() => socket.write(text.slice(cut))));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => once(server.close(), 'close'));
  const channel = await NatsChannel.open((server.address() as AddressInfo).port);
  closers.push(() => channel.close());
  return { channel, received };
}

describe('the load over the protocol of NATS', () => {
  it('reads an answer wherever it is cut, and what else comes', async () => {
    const body = '{"seq":1}';
    const answer = (inbox: string) => `+OK\r\nMSG ${inbox} 1 ${body.length}\r\n${body}\r\n`;
    for (let cut = 1; cut < answer('_INBOX.00000000').length; cut += 1) {
      const { channel, received } = await opened(answer, cut);
      const { status, text } = await channel.ask(natsRequest('key', 'value'));
      expect([status, text()]).toEqual([200, body]);
      expect(received.join('')).toContain('PONG\r\n');
      expect(received.join('')).toMatch(/^PUB key _INBOX\.\d{8} 5\r\nvalue\r\n/m);
    }
  });

  it('tells a refusal from an answer, with headers or without', async () => {
    const found = 'NATS/1.0\r\nNats-Sequence: 1\r\n\r\n';
    const missing = 'NATS/1.0 404 Message Not Found\r\n\r\n';
    const error = '{"error":{"code":503}}';
    const statusOf = async (message: (inbox: string) => string) => {
      const { channel } = await opened(message, 3);
      return (await channel.ask(natsRequest('key', ''))).status;
    };
    const withHeaders = (head: string, body: string) => (inbox: string) =>
      `HMSG ${inbox} 1 ${head.length} ${head.length + body.length}\r\n${head}${body}\r\n`;
    expect(await statusOf(withHeaders(found, 'value'))).toBe(200);
    expect(await statusOf(withHeaders(missing, ''))).toBe(500);
    expect(await statusOf((inbox) => `MSG ${inbox} 1 ${error.length}\r\n${error}\r\n`)).toBe(500);
  });
});
