import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RefusedConnections } from '../../../src/node/resp/refusedConnections.js';
import { RespSocket } from '../../support/respSocket.js';
import { until } from '../../support/until.js';

const told = '-ERR max number of clients reached\r\n';
let refused: RefusedConnections;
let server: Server;
let port: number;
let sockets: RespSocket[];

beforeEach(async () => {
  refused = new RefusedConnections();
  server = createServer({ allowHalfOpen: true }, (socket) => refused.refuse(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets) socket.close();
  server.close();
});

async function open(): Promise<RespSocket> {
  const socket = await RespSocket.open(port);
  sockets.push(socket);
  return socket;
}

function count(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, open) => (error === null ? resolve(open) : reject(error)));
  });
}

describe('a connection that is refused', () => {
  it('is told, and closed though its client goes on to send and keeps its own end open', async () => {
    const socket = await open();
    socket.send('PING\r\n'.repeat(1_000_000));
    await socket.receives(told);
    await until('it is closed', async () => (await count()) === 0);
  });

  it('is closed at once where all are to be', async () => {
    const socket = await open();
    await socket.receives(told);
    expect(await count()).toBe(1);
    refused.destroyAll();
    expect(await count()).toBe(0);
  });

  it('is closed without a word where very many are refused', async () => {
    await Promise.all(Array.from({ length: 100 }, open));
    const further = await open();
    await until('it is closed', () => further.isClosed);
    expect(further.unread).toBe('');
  });
});
