import { afterEach, beforeEach, describe, it } from 'vitest';
import { RespSocket } from '../../support/respSocket.js';
import { TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let sockets: RespSocket[];

beforeEach(async () => {
  nodes = await TestNodes.start({ resp: true, limits: { openRequestsMax: 3, unflushedWritesMax: 3 } });
  await nodes.holdAll();
  sockets = await Promise.all([1, 2, 3, 4].map(() => RespSocket.open(nodes.node(1).respPort)));
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await nodes.stop();
});

/** Asks until it is answered so. */
async function answered(socket: RespSocket, request: string, answer: RegExp): Promise<void> {
  await until(`${request} is answered ${String(answer)}`, async () => {
    const before = socket.unread.length;
    socket.send(`${request}\r\n`);
    await until('an answer', () => socket.unread.length > before && socket.unread.endsWith('\r\n'));
    return answer.test(socket.unread.slice(before));
  });
}

describe('WAIT', () => {
  it('counts as a request that is being served, until its client is gone', async () => {
    const [other, ...waiting] = sockets as [RespSocket, ...RespSocket[]];
    for (const socket of waiting) await socket.expects('SET k v\r\n', '+OK\r\n');
    for (const socket of waiting) socket.send('WAIT 2 0\r\n');
    await answered(other, 'GET k', /^-KVC_E_OVERLOADED 3 requests/);
    for (const socket of waiting) socket.reset();
    await answered(other, 'SET k again', /^\+OK/);
  });

  it('does not begin for a client that is gone before its write is done', async () => {
    const [other, ...waiting] = sockets as [RespSocket, ...RespSocket[]];
    for (const socket of waiting) {
      socket.send('SET k v\r\nWAIT 2 0\r\n');
      await answered(other, 'PING', /^\+PONG/);
      socket.reset();
    }
    await answered(other, 'SET k again', /^\+OK/);
  });
});
