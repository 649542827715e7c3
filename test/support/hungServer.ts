import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A server as a paused process is one: it takes connections and never answers. */
export interface HungServer {
  readonly url: string;
  /** How many connections it has taken. */
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

export async function startHungServer(): Promise<HungServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
