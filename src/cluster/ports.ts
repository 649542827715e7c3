import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { KvcError } from '../errors.js';

/** Node i of a cluster listens on this port plus i - 1, unless something else does. */
export const defaultBasePort = 7101;

const highestPort = 65_535;
const attemptsMax = 5;

const lowestByChance = 10_000;
/** Above this, systems take the ports of outgoing connections: one could sit on a node's port while the node restarts. */
const highestByChance = 32_000;
const chancesMax = 200;

/** Whether something could listen on 127.0.0.1:port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/**
 * The consecutive ports that the user asked for.
 * @throws KvcError KVC_E_PORT_TAKEN that names the first one in use; KVC_E_USAGE beyond the highest port
 */
export async function claimPorts(base: number, count: number): Promise<number[]> {
  if (base + count - 1 > highestPort) {
    throw new KvcError(
      'KVC_E_USAGE',
      `--port ${base} leaves no room for ${count} nodes below ${highestPort + 1}`,
    );
  }
  const ports = Array.from({ length: count }, (_, index) => base + index);
  for (const port of ports) {
    if (!(await isPortFree(port))) {
      throw new KvcError('KVC_E_PORT_TAKEN', `port ${port} is in use by another process`, {
        port,
        try: ['another --port', 'no --port, to take the next free ones'],
      });
    }
  }
  return ports;
}

/** Each wanted port if it is free, else the next free one above it. */
export async function findPorts(wanted: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const port of wanted)
    found.push(await findPort(port, [...found, ...wanted.filter((other) => other !== port)]));
  return found;
}

/** The first port from this one on that is free and not spoken for; above the highest it goes on at the default. */
export async function findPort(from: number, spoken: readonly number[]): Promise<number> {
  const first = Math.min(from, defaultBasePort);
  const count = highestPort - first + 1;
  for (let step = 0; step < count; step += 1) {
    const port = first + ((from - first + step) % count);
    if (!spoken.includes(port) && (await isPortFree(port))) return port;
  }
  throw new KvcError('KVC_E_START_FAILED', `no port from ${first} to ${highestPort} is free`);
}

/** Starts what chooses its own ports; again with others, up to 5 times in all, if one was taken between choice and use. */
export async function retryingPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!isPortTaken(error) || attempt >= attemptsMax) throw error;
    }
  }
}

/** Whether another attempt with other ports may succeed. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof KvcError && error.code === 'KVC_E_PORT_TAKEN';
}

/** Different ports of the system's choice that are free now. All are held until the last is known, so none comes twice. */
export async function anyFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** So many consecutive ports that are free now; by chance, so that clusters that start side by side do not meet. */
export async function portsByChance(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < chancesMax; attempt += 1) {
    const base = randomInt(lowestByChance, highestByChance - count);
    const ports = Array.from({ length: count }, (_, index) => base + index);
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return ports;
  }
  const message = `found no ${count} consecutive free ports in ${chancesMax} attempts`;
  throw new KvcError('KVC_E_START_FAILED', message);
}
