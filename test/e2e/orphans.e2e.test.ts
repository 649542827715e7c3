import { createServer } from 'node:net';
import { once } from 'node:events';
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { resultOf } from '../support/kvcHome.js';
import { freePorts } from '../support/ports.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();
let ports: number[];
beforeEach(async () => {
  ports = await freePorts(3);
});

/** `kvc up` in the foreground, when all nodes serve and it shows their logs. */
async function foreground() {
  const child = home.start(['up', '--port', String(ports[0])]);
  const result = resultOf(child);
  let shown = '';
  child.stdout?.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  await until('it shows the logs', () => / node3 +info ready /.test(shown));
  await home.clients()[0]!.write('a', '1');
  return { child, result };
}

async function expectDataKept(): Promise<void> {
  await home.up();
  expect(await home.clients()[0]!.read('a')).toMatchObject({ value: '1' });
}

describe('no process is left', { timeout: 60_000 }, () => {
  it.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['a closed terminal', 'SIGHUP', 129],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)(
    'after %s of a cluster in the foreground, and its data is kept',
    async (_what, signal, exit) => {
      const { child, result } = await foreground();
      child.kill(signal);
      expect((await result).exit).toBe(exit);
      expect(home.processes()).toEqual([]);
      expect(home.clusterFile().supervisor).toBeNull();
      await expectDataKept();
    },
  );

  it('after Ctrl-C while the nodes start', async () => {
    const child = home.start(['up', '--port', String(ports[0])]);
    const result = resultOf(child);
    await until('a node is started', () => home.processes().length > 2);
    child.kill('SIGINT');
    await result;
    await home.deserted();
    expect((await home.kvc('status')).exit).toBe(4);
    await home.up('--nodes', '3');
  });

  it('after kill -9 of the command in the foreground', async () => {
    const { child } = await foreground();
    child.kill('SIGKILL');
    await home.deserted();
    await expectDataKept();
  });

  it('after kill -9 of the supervisor', async () => {
    await home.up('--port', String(ports[0]));
    await home.ok('write', 'a', '1');
    process.kill(home.supervisorPid(), 'SIGKILL');
    await home.deserted();
    expect(await home.kvc('status')).toMatchObject({ exit: 4 });
    expect(await home.kvc('ls')).toMatchObject({ out: expect.stringContaining('stopped') as string });
    await expectDataKept();
  });

  it('after kill -9 of the supervisor while a node is paused, once anybody looks', async () => {
    await home.up('--port', String(ports[0]));
    await home.ok('write', 'a', '1');
    await home.ok('pause', 'node2');
    const paused = home.pidOf('node2');
    process.kill(home.supervisorPid(), 'SIGKILL');
    await until('only the paused node is left', () => home.processes().length === 1);
    expect(home.processes()).toEqual([paused]);
    const up = await home.kvc('up', '-d');
    expect(up).toMatchObject({ exit: 0, err: expect.stringContaining('node2') as string });
    expect(home.processes()).not.toContain(paused);
    expect(await home.json('read', 'a', '--node', '2')).toMatchObject({ value: '1' });
    await home.ok('pause', 'node2');
    process.kill(home.supervisorPid(), 'SIGKILL');
    await until('only the paused node is left', () => home.processes().length === 1);
    expect(await home.kvc('down')).toMatchObject({
      exit: 0,
      err: expect.stringContaining('node2') as string,
    });
    expect(home.processes()).toEqual([]);
  });

  it('after a start that failed on a taken port, which is named', async () => {
    const server = createServer().listen(ports[1], '127.0.0.1');
    await once(server, 'listening');
    const up = await home.kvc('up', '-d', '--port', String(ports[0]));
    server.close();
    expect(up).toMatchObject({ exit: 7, out: '' });
    expect(up.err).toMatch(
      new RegExp(`^Error: port ${ports[1]} is in use by another process\\nCode: KVC_E_PORT_TAKEN`),
    );
    expect(home.processes()).toEqual([]);
    expect(await home.json('ls')).toEqual({ clusters: [] });
  });

  it('after a start that failed on the data of one node, which says so', async () => {
    await home.up('--port', String(ports[0]));
    await home.ok('down');
    const identity = join(home.dir, 'default', 'data', 'node2', 'identity.json');
    mkdirSync(join(home.dir, 'default', 'data', 'node2'), { recursive: true });
    writeFileSync(identity, '{"format":2,"clusterId":"another","replica":"node2","joined":true}');
    const up = await home.kvc('up', '-d');
    expect(up).toMatchObject({ exit: 7, out: '' });
    expect(up.err).toContain('KVC_E_DATA_FOREIGN');
    expect(up.err).toContain('node2');
    expect(home.processes()).toEqual([]);
  });
});
