import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { highestNodePort, holdPort, respPortOf, takenPortOf } from '../../src/cluster/nodePorts.js';
import {
  anyFreePorts,
  claimPorts,
  findPort,
  findPorts,
  portsByChance,
  retryingPorts,
} from '../../src/cluster/ports.js';
import { KvcError } from '../../src/errors.js';

const portTaken = () => new KvcError('KVC_E_PORT_TAKEN', 'taken');

let strangers: Awaited<ReturnType<typeof holdPort>>[] = [];
afterEach(async () => {
  await Promise.all(strangers.map(async (each) => each && once(each.close(), 'close')));
  strangers = [];
});

/** Another program listens on it. */
async function take(port: number): Promise<number> {
  strangers.push(await holdPort(port));
  return port;
}

it('a node speaks the Redis protocol 1000 above its own port', () => {
  expect(respPortOf(7101)).toBe(8101);
  expect(respPortOf(highestNodePort)).toBe(65_535);
});

describe('claimPorts', () => {
  it('gives the ports that were asked for', async () => {
    const [base = 0, next] = await portsByChance(2);
    expect(await claimPorts(base, 2)).toEqual([base, next]);
  });

  it('names the port that is taken, be it a node’s own or the one of the Redis protocol', async () => {
    const [base = 0, next = 0] = await portsByChance(2);
    const taken = await take(respPortOf(next));
    await expect(claimPorts(base, 2)).rejects.toMatchObject({
      code: 'KVC_E_PORT_TAKEN',
      message: `port ${taken} is in use by another process (the node on ${next} would speak the Redis protocol there)`,
      facts: { port: taken },
    });
    await take(base);
    await expect(claimPorts(base, 2)).rejects.toMatchObject({
      message: `port ${base} is in use by another process`,
      facts: { port: base },
    });
  });

  it('leaves room above for the Redis protocol', async () => {
    const refused = { code: 'KVC_E_USAGE', message: expect.stringContaining('Redis') as string };
    await expect(claimPorts(highestNodePort - 1, 3)).rejects.toMatchObject(refused);
    await expect(claimPorts(65_535, 1)).rejects.toMatchObject(refused);
  });
});

describe('findPorts', () => {
  it('gives the wanted ports where they are free', async () => {
    const wanted = await portsByChance(3);
    expect(await findPorts(wanted)).toEqual({ ports: wanted, taken: [] });
  });

  it('moves a node away from either port that is taken, to where both are free, and says which', async () => {
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = await portsByChance(5);
    const taken = [await take(respPortOf(first)), await take(third)];
    await take(respPortOf(fourth));
    const found = await findPorts([first, second, third]);
    expect(found.taken).toEqual(taken);
    expect(found.ports).toEqual([fifth, second, expect.any(Number)]);
    expect(found.ports[2]).toBeGreaterThan(fifth);
    expect(await Promise.all(found.ports.map(takenPortOf))).toEqual([undefined, undefined, undefined]);
  });

  it('moves a node that was recorded where it has no second port', async () => {
    const { ports, taken } = await findPorts([highestNodePort + 1]);
    expect(ports[0]).toBeLessThanOrEqual(highestNodePort);
    expect(taken).toEqual([]);
  });
});

describe('findPort', () => {
  it('goes on below when there is none above', async () => {
    const port = await findPort(65_536, []);
    expect(port).toBeGreaterThanOrEqual(7101);
    expect(port).toBeLessThanOrEqual(highestNodePort);
  });

  it('passes over ports that are spoken for, by either port of another node', async () => {
    const [port = 0] = await portsByChance(2);
    expect(await findPort(port, [port])).toBeGreaterThan(port);
    expect(await findPort(port, [respPortOf(port)])).toBeGreaterThan(port);
    expect(await findPort(respPortOf(port), [port])).toBeGreaterThan(respPortOf(port));
  });
});

describe.each([
  ['anyFreePorts', anyFreePorts],
  ['portsByChance', portsByChance],
])('%s', (_, choose) => {
  it('gives ports that differ, and of which both are free', async () => {
    const ports = await choose(16);
    expect(new Set([...ports, ...ports.map(respPortOf)]).size).toBe(32);
    expect((await Promise.all(ports.map(takenPortOf))).filter((port) => port !== undefined)).toEqual([]);
  });
});

describe('retryingPorts', () => {
  it('tries again when a port was taken', async () => {
    const attempts = [portTaken(), portTaken()];
    const start = () => (attempts.length > 0 ? Promise.reject(attempts.pop()!) : Promise.resolve('started'));
    expect(await retryingPorts(start)).toBe('started');
  });

  it('gives up after five attempts, and at once for another reason', async () => {
    let attempts = 0;
    const failing = (error: KvcError) => () => {
      attempts += 1;
      return Promise.reject(error);
    };
    await expect(retryingPorts(failing(portTaken()))).rejects.toThrow('taken');
    expect(attempts).toBe(5);
    await expect(retryingPorts(failing(new KvcError('KVC_E_START_FAILED', 'other')))).rejects.toThrow(
      'other',
    );
    expect(attempts).toBe(6);
  });
});
