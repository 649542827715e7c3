import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/ports.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();

async function upOnOwnPorts(...args: string[]): Promise<number[]> {
  const ports = await freePorts(3);
  await home.up('--port', String(ports[0]), ...args);
  return ports;
}

async function statesOf(): Promise<string[]> {
  return (await home.status()).nodes.map(({ state }) => state);
}

describe('a cluster of real nodes', { timeout: 60_000 }, () => {
  it('keeps data, ports and sessions across down and up; --fresh wipes them; the directory is private', async () => {
    const ports = await upOnOwnPorts();
    await home.ok('write', 'a', '1', '--session', 'alice');
    await home.ok('down');
    const again = await home.up();
    expect(again.nodes.map(({ port }) => port)).toEqual(ports);
    expect(await home.kvc('read', 'a', '--node', '3', '--session', 'alice')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^a = 1 {3}dot node1:1 /) as string,
    });
    expect(await home.json('write', 'a', '2')).toMatchObject({ dot: { node: 'node1', counter: 2 } });
    expect(statSync(join(home.dir, 'default')).mode & 0o077).toBe(0);
    await home.ok('down');
    await home.up('--fresh');
    expect((await home.kvc('read', 'a')).exit).toBe(3);
    expect(await home.json('session', 'ls')).toMatchObject({ sessions: [] });
    expect(await home.json('write', 'a', '3')).toMatchObject({ dot: { node: 'node1', counter: 1 } });
  });

  it('runs beside another one, neither of which sees the keys of the other', async () => {
    await Promise.all([
      home.up('--cluster', 'red', '--nodes', '2'),
      home.up('--cluster', 'blue', '--nodes', '1'),
    ]);
    await home.ok('write', 'a', 'red', '--cluster', 'red');
    await home.ok('write', 'a', 'blue', '--cluster', 'blue');
    expect(await home.json('read', 'a', '--cluster', 'red')).toMatchObject({
      value: 'red',
      clock: { node1: 1 },
    });
    expect(await home.json('read', 'a', '--cluster', 'blue')).toMatchObject({ value: 'blue' });
    const { clusters } = await home.json<{ clusters: unknown[] }>('ls');
    expect(clusters).toMatchObject([
      { name: 'blue', state: 'running', nodes: 1 },
      { name: 'red', state: 'running', nodes: 2 },
    ]);
    await home.ok('down', '--cluster', 'red');
    expect(await home.json('read', 'a', '--cluster', 'blue')).toMatchObject({ value: 'blue' });
    expect((await home.kvc('down', '--all')).exit).toBe(0);
    expect(home.processes()).toEqual([]);
  });

  it('goes on without a node that is killed, which catches up when it is restarted', async () => {
    await upOnOwnPorts();
    await home.ok('write', 'a', '1');
    const pid = home.pidOf('node2');
    await home.ok('kill', '2');
    expect(home.processes()).not.toContain(pid);
    expect(await statesOf()).toEqual(['running', 'killed', 'running']);
    const { dot } = await home.json<{ dot: unknown }>('write', 'b', '2', '--session', 'alice');
    expect(dot).toEqual({ node: 'node1', counter: 2 });
    expect(await home.kvc('read', 'b', '--node', '2')).toMatchObject({
      exit: 5,
      err: expect.stringContaining('Try: kvc restart node2') as string,
    });
    await home.ok('restart', '2');
    const read = await home.json('read', 'a', 'b', '--node', '2', '--session', 'alice');
    expect(read).toMatchObject({ entries: [{ value: '1' }, { value: '2' }] });
    expect(await home.json('write', 'c', '3', '--node', '2')).toMatchObject({
      dot: { node: 'node2', counter: 1 },
    });
  });

  it('says of a paused node that it is, does not hang on it, and stops it', async () => {
    await upOnOwnPorts();
    await home.ok('pause', 'node1');
    expect(await statesOf()).toEqual(['paused', 'running', 'running']);
    expect(await home.kvc('read', 'a', '--node', '1')).toMatchObject({ exit: 5 });
    expect(await home.json('write', 'a', '1')).toMatchObject({ node: 'node2' });
    await home.ok('resume', 'node1');
    const node1 = home.clients()[0]!;
    await until('node1 catches up', async () => (await node1.read('a')).value === '1');
    await home.ok('pause', 'node3');
    const startedMs = performance.now();
    expect((await home.kvc('down')).exit).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(home.processes()).toEqual([]);
  });

  it('brings a node back that ends unexpectedly, and shows it', async () => {
    await upOnOwnPorts();
    const [node1] = home.clients();
    await node1!.write('a', '1');
    process.kill(home.pidOf('node1'), 'SIGKILL');
    await until('status shows the restart', async () => (await home.status()).nodes[0]?.restarts === 1);
    await until('node1 serves again', async () => (await node1!.read('a')).value === '1');
    const logs = await home.kvc('logs', '--level', 'warn');
    expect(logs.out).toMatch(/supervisor warn node1 is restarting detail="it was ended by SIGKILL; /);
    expect((await node1!.write('b', '2')).dot.counter).toBe(2);
  });

  it('is not taken for running when a frozen node does not answer', async () => {
    await upOnOwnPorts();
    const pid = home.pidOf('node2');
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await statesOf()).toEqual(['running', 'unresponsive', 'running']);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
