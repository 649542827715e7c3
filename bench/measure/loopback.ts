import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** How many ms it takes to send bytes over a socket of this machine, and nothing else: from connecting to the last byte. */
export async function copyOverLoopbackMs(bytes: Buffer): Promise<number> {
  const server = createServer((socket) => socket.end(bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const beganMs = performance.now();
  const socket = connect({ host: '127.0.0.1', port });
  let received = 0;
  socket.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(socket, 'close');
  const tookMs = performance.now() - beganMs;
  server.close();
  if (received !== bytes.length) throw new Error(`${received} of ${bytes.length} bytes came over the socket`);
  return tookMs;
}
