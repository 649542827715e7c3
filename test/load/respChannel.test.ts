import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { commandBytes, RespChannel, type Replies } from '../../src/load/respChannel.js';
import { startBareResp } from '../../bench/processes/bareServers.js';
import { until } from '../support/until.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that says this to whatever comes. */
async function saying(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => socket.on('data', () => answer(socket))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => once(server.close(), 'close'));
  return (server.address() as AddressInfo).port;
}

async function opened(port: number, pipeline?: number): Promise<RespChannel> {
  const channel = await RespChannel.open(port, pipeline);
  closers.push(() => channel.close());
  return channel;
}

function ask(channel: RespChannel, request = commandBytes('PING')): Promise<Replies> {
  return new Promise((resolve) => channel.send(request, resolve));
}

describe('the load over the Redis protocol', () => {
  it('knows where replies end, wherever they are cut', async () => {
    const replies = '+OK\r\n$5\r\n-a\r\nb\r\n$-1\r\n:7\r\n';
    for (let cut = 1; cut < replies.length; cut += 1) {
      const port = await saying((socket) => {
        socket.write(replies.slice(0, cut), () => setImmediate(() => socket.write(replies.slice(cut))));
      });
      const { status, bytes } = await ask(await opened(port, 4));
      expect([status, bytes.toString()]).toEqual([200, replies]);
    }
  });

  it('counts a pipeline with an error among its replies as refused', async () => {
    const channel = await opened(await saying((socket) => socket.write('+OK\r\n-ERR no\r\n+OK\r\n')), 3);
    expect((await ask(channel)).status).toBe(500);
  });

  it('tells that a connection was lost', async () => {
    const channel = await opened(await saying((socket) => socket.destroy()));
    expect((await ask(channel)).status).toBe(0);
    expect((await ask(channel)).status).toBe(0);
  });
});

describe('the bare responder', () => {
  it('answers every request once, in order, wherever they are cut', async () => {
    const { port, stop } = await startBareResp('value');
    closers.push(stop);
    const requests = [commandBytes('SET', 'a', 'GET'), commandBytes('get', 'a'), commandBytes('CONFIG')];
    const bytes = Buffer.concat(requests);
    const expected = '+OK\r\n$5\r\nvalue\r\n*0\r\n';
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    closers.push(() => socket.destroy());
    let answers = '';
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
    for (let cut = 1; cut < bytes.length; cut += 1) {
      socket.write(bytes.subarray(0, cut));
      await new Promise(setImmediate);
      socket.write(bytes.subarray(cut));
      await until('the answers', () => answers.length >= expected.length * cut);
    }
    expect(answers).toBe(expected.repeat(bytes.length - 1));
  });
});
