import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { ControlNodeJson } from '../../src/cluster/controlApi.js';
import { freePorts } from '../support/ports.js';
import { RespSocket } from '../support/respSocket.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();

let clients: Redis[] = [];
afterEach(() => {
  for (const client of clients) client.disconnect();
  clients = [];
});

function connectTo(port: number): Redis {
  const client = new Redis({ port, host: '127.0.0.1' });
  clients.push(client);
  // It connects again by itself.
  client.on('error', () => undefined);
  return client;
}

describe('the Redis protocol of a cluster', { timeout: 60_000 }, () => {
  it('is spoken where `up` says, on all nodes, and again after a kill and a restart', async () => {
    const [port = 0] = await freePorts(3);
    const up = await home.ok('up', '-d', '--port', String(port));
    const printed = /^ {2}Redis protocol on ((?:\d+, )*\d+): redis-cli -p (\d+)$/m.exec(up);
    const ports = printed![1]!.split(', ').map(Number);
    expect(ports).toEqual([port + 1000, port + 1001, port + 1002]);
    expect(printed![2]).toBe(String(ports[0]));
    const [first, second] = ports.map(connectTo);
    expect(await first!.set('k', 'v')).toBe('OK');
    expect(await first!.wait(2, 10_000)).toBe(2);
    expect(await second!.get('k')).toBe('v');
    expect(await home.json('read', 'k', '--node', '3')).toMatchObject({ value: 'v' });

    await home.ok('kill', 'node1');
    await expect(RespSocket.open(ports[0]!)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await second!.set('k', 'w')).toBe('OK');
    await home.ok('restart', 'node1');
    await until('node1 has what was written meanwhile', async () => (await first!.get('k')) === 'w');
    expect(await first!.get('k')).toBe('w');
  });

  it('is in status and in what `add` says, on the port 1000 above the other', async () => {
    await home.upNew(1);
    const node2 = await home.json<ControlNodeJson>('add');
    expect(node2.resp_port).toBe(node2.port + 1000);
    const { nodes } = await home.status();
    expect(nodes.map(({ resp_port }) => resp_port)).toEqual(nodes.map(({ port }) => port + 1000));
    expect((await home.kvc('status')).out).toMatch(
      new RegExp(`^NODE .* HTTP +RESP .*\n.*\nnode2 +running +${node2.port} +${node2.resp_port} `),
    );
    expect(await connectTo(node2.resp_port).incr('n')).toBe(1);
    expect(await home.ok('add')).toContain(`(Redis protocol: ${node2.resp_port + 1})`);
  });

  it('makes `up` fail on a port that is taken, by its number, and leave nothing', async () => {
    const [port = 0] = await freePorts(2);
    const stranger = createServer().listen(port + 1001, '127.0.0.1');
    const up = await home.kvc('up', '-d', '--nodes', '2', '--port', String(port));
    stranger.close();
    expect(up).toMatchObject({ exit: 7, out: '' });
    expect(up.err).toMatch(
      new RegExp(`^Error: port ${port + 1001} is in use by another process .*\\nCode: KVC_E_PORT_TAKEN`),
    );
    expect(await home.json('ls')).toEqual({ clusters: [] });
  });
});
