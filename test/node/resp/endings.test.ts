import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RespSocket } from '../../support/respSocket.js';
import { TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let port: number;
let watcher: Redis;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 1, resp: true });
  port = nodes.node(1).respPort;
  watcher = new Redis({ port, host: '127.0.0.1' });
});
afterEach(async () => {
  watcher.disconnect();
  await nodes.stop();
});

/** Awaits that the node knows of no connection but the one that asks. */
async function allForgotten(): Promise<void> {
  await until('the connection is forgotten', async () => {
    const clients = (await watcher.client('LIST')) as string;
    return clients.trim().split('\n').length === 1;
  });
}

describe('a connection that ends', () => {
  it('is forgotten though its client has sent more, and keeps its own end open', async () => {
    const socket = await RespSocket.open(port);
    await socket.expects('QUIT\r\nPING\r\n', '+OK\r\n');
    socket.send('PING\r\n'.repeat(100_000));
    await allForgotten();
    expect(socket.unread).toBe('');
    socket.close();
  });

  it('is forgotten when it was no request that its client sent, and went on to send', async () => {
    const socket = await RespSocket.open(port);
    socket.send('*1\r\n!\r\n');
    socket.send('x'.repeat(5_000_000));
    await until('it is told', () => socket.unread.startsWith('-ERR Protocol error'));
    await allForgotten();
    expect(socket.unread.trimEnd().split('\n')).toHaveLength(1);
    socket.close();
  });

  it('is forgotten as soon as its client is gone', async () => {
    const socket = await RespSocket.open(port);
    await socket.expects('QUIT\r\nPING\r\n', '+OK\r\n');
    socket.send('PING\r\n'.repeat(100_000));
    socket.endSending();
    const endedAtMs = performance.now();
    await allForgotten();
    expect(performance.now() - endedAtMs).toBeLessThan(900);
  });
});
