import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { Output } from '../../../src/node/resp/output.js';
import { until } from '../../support/until.js';

it('a large answer is seen to be taken while a client takes it, and comes whole', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const output = new Output(socket);
  socket.on('drain', () => output.goOn());
  const bytes = Buffer.alloc(64 * 1024 * 1024, 'abc');
  const received: Buffer[] = [];
  let count = 0;
  client.on('data', (chunk: Buffer) => {
    received.push(chunk);
    count += chunk.length;
    if (count >= bytes.length / 2 && count - chunk.length < bytes.length / 2) client.pause();
  });
  output.send(bytes);
  await until('half of it comes', () => count >= bytes.length / 2);
  expect(output.size).toBeGreaterThan(0);
  expect(output.takenBytes).toBeGreaterThan(bytes.length / 4);
  client.resume();
  await until('all of it comes', () => count >= bytes.length);
  expect(Buffer.concat(received).equals(bytes)).toBe(true);
  client.destroy();
  server.close();
});
