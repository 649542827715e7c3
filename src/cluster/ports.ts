import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { KvcError } from '../errors.js';
import { highestNodePort, holdPort, isApart, respPortOf, takenPortOf } from './nodePorts.js';

/*
 * Ports for nodes. Where one is free, so is the other port that its node needs (nodePorts.ts).
 */

/** Node i of a cluster listens on this port plus i - 1, unless something else does. */
export const defaultBasePort = 7101;

const attemptsMax = 5;

const lowestByChance = 10_000;
/** A thousand above this, systems take the ports of outgoing connections: one could sit on a node's while it restarts. */
const highestByChance = 31_000;
const chancesMax = 200;

/**
 * The consecutive ports that the user asked for.
 * @throws KvcError KVC_E_PORT_TAKEN that names the first one in use; KVC_E_USAGE beyond the highest port
 */
export async function claimPorts(base: number, count: number): Promise<number[]> {
  if (base + count - 1 > highestNodePort) {
    throw new KvcError(
      'KVC_E_USAGE',
      `--port ${base} leaves no room for ${count} nodes up to ${highestNodePort}; the ports above are for the Redis protocol`,
    );
  }
  const ports = Array.from({ length: count }, (_, index) => base + index);
  for (const port of ports) {
    const taken = await takenPortOf(port);
    if (taken === undefined) continue;
    const why = taken === port ? '' : ` (the node on ${port} would speak the Redis protocol there)`;
    throw new KvcError('KVC_E_PORT_TAKEN', `port ${taken} is in use by another process${why}`, {
      port: taken,
      try: ['another --port', 'no --port, to take the next free ones'],
    });
  }
  return ports;
}

export interface FoundPorts {
  readonly ports: readonly number[];
  /** Those in use by others for which a node does not get the port that was wanted. */
  readonly taken: readonly number[];
}

/** Each wanted port if a node can have it, else the next above it that one can. */
export async function findPorts(wanted: readonly number[]): Promise<FoundPorts> {
  const ports: number[] = [];
  const taken: number[] = [];
  for (const port of wanted) {
    const spoken = [...ports, ...wanted.filter((other) => other !== port)];
    const found = await findPort(port, spoken);
    ports.push(found);
    if (found === port || port > highestNodePort) continue;
    const inTheWay = await takenPortOf(port);
    if (inTheWay !== undefined) taken.push(inTheWay);
  }
  return { ports, taken };
}

/**
 * The first port from this one on that is free for a node.
 * @param spoken - the ports of other nodes
 */
export async function findPort(from: number, spoken: readonly number[]): Promise<number> {
  const first = Math.min(from, defaultBasePort);
  const count = highestNodePort - first + 1;
  // Above the highest it goes on at the default.
  const begin = Math.min(from, highestNodePort + 1) - first;
  for (let step = 0; step < count; step += 1) {
    const port = first + ((begin + step) % count);
    if (isApart(port, spoken) && (await takenPortOf(port)) === undefined) return port;
  }
  throw new KvcError('KVC_E_START_FAILED', `no port from ${first} to ${highestNodePort} is free`);
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
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    for (let attempt = 0; attempt < count + chancesMax && ports.length < count; attempt += 1) {
      const own = await holdPort(0);
      if (own === undefined) continue;
      held.push(own);
      const { port } = own.address() as AddressInfo;
      const second = port > highestNodePort ? undefined : await holdPort(respPortOf(port));
      if (second === undefined) continue;
      held.push(second);
      ports.push(port);
    }
    if (ports.length === count) return ports;
    throw new KvcError('KVC_E_START_FAILED', `the system has no ${count} free ports for nodes`);
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')));
  }
}

/** So many consecutive ports that are free now; by chance, so that clusters that start side by side do not meet. */
export async function portsByChance(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < chancesMax; attempt += 1) {
    const base = randomInt(lowestByChance, highestByChance - count);
    const ports = Array.from({ length: count }, (_, index) => base + index);
    const taken = await Promise.all(ports.map(takenPortOf));
    if (taken.every((port) => port === undefined)) return ports;
  }
  const message = `found no ${count} consecutive free ports in ${chancesMax} attempts`;
  throw new KvcError('KVC_E_START_FAILED', message);
}
