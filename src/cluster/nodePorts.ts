import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/*
 * A node has two ports: its own, for HTTP, which is recorded and by which it is known, and one that follows from it.
 */

const respOffset = 1000;

/** The highest port that a node can have for its own. */
export const highestNodePort = 65_535 - respOffset;

/** Where the node on a port speaks the Redis protocol. */
export function respPortOf(port: number): number {
  return port + respOffset;
}

/** Whether a node on this port could run beside others on theirs: no two of them need the same. */
export function isApart(port: number, others: readonly number[]): boolean {
  const spoken = others.flatMap(portsOf);
  return portsOf(port).every((each) => !spoken.includes(each));
}

/** The first of the ports of a node on this one that something listens on now; undefined if both are free. */
export async function takenPortOf(port: number): Promise<number | undefined> {
  for (const each of portsOf(port)) if (!(await isPortFree(each))) return each;
  return undefined;
}

/** Whether something could listen on 127.0.0.1:port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await holdPort(port);
  if (server === undefined) return false;
  await once(server.close(), 'close');
  return true;
}

/**
 * Keeps others from a port until it is closed.
 * @param port - 0: any
 * @returns undefined if it is taken
 */
export function holdPort(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server));
  });
}

function portsOf(port: number): readonly [number, number] {
  return [port, respPortOf(port)];
}
