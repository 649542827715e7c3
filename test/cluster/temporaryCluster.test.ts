import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { holdPort, respPortOf } from '../../src/cluster/nodePorts.js';
import { anyFreePorts, portsByChance } from '../../src/cluster/ports.js';
import { TemporaryCluster } from '../../src/cluster/temporaryCluster.js';
import { RespSocket } from '../support/respSocket.js';
import { until } from '../support/until.js';
import { startStandIns } from './standIns.js';
import { isAlive } from './testClusters.js';

const program = fileURLToPath(new URL('./exitWithCluster.ts', import.meta.url));

/** Where the directories of the clusters are made. */
let room = '';
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'kvc-room-'));
  vi.stubEnv('TMPDIR', room);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(room, { recursive: true, force: true });
});

/** tsx keeps a cache of its own in the temporary directory. */
function directories(): string[] {
  return readdirSync(room).filter((name) => !name.startsWith('tsx-'));
}

describe('a temporary cluster', () => {
  it('leaves no process and no directory when it is closed, and calls back in between', async () => {
    const seen: object[] = [];
    const { cluster, pids } = await startStandIns({
      nodes: 2,
      prepare: (dir) => {
        seen.push({ before: readdirSync(dir) });
        return () => seen.push({ isAlive: Object.values(pids).some(isAlive), isThere: existsSync(dir) });
      },
    });
    expect(directories()).toEqual([expect.stringMatching(/^kvc-standins-/)]);
    expect(cluster.nodes).toMatchObject([
      { name: 'node1', state: 'running' },
      { name: 'node2', state: 'running' },
    ]);
    cluster.pause('node2');
    await cluster.close();
    expect(seen).toEqual([{ before: ['logs'] }, { isAlive: false, isThere: true }]);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    expect(directories()).toEqual([]);
  });

  it('ends also a node that is just being removed when it is closed', async () => {
    vi.stubEnv('KVC_TEST_NODE', JSON.stringify({ node2: { deaf: true } }));
    const { cluster, pids } = await startStandIns({ nodes: 2 });
    const removed = cluster.supervisor.membership.remove('node2', { force: false, timeout_ms: 10_000 });
    removed.catch(() => undefined);
    await until('node2 is off the list', () => cluster.nodes.length === 1);
    await cluster.close();
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    expect(directories()).toEqual([]);
  });

  it('starts on other ports where one is taken, and nothing of the first attempt stays', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [free = 0] = await anyFreePorts(1);
    const attempts = [port, free];
    const prepared: string[] = [];
    const { cluster } = await startStandIns({
      nodes: 1,
      choosePorts: () => Promise.resolve(attempts.splice(0, 1)),
      prepare: (dir) => {
        prepared.push(`begins ${prepared.length}`);
        return () => prepared.push(`ends ${existsSync(dir)}`);
      },
    });
    expect(prepared).toEqual(['begins 0', 'ends true', 'begins 2']);
    expect(cluster.nodes).toMatchObject([{ port: free }]);
    expect(directories()).toHaveLength(1);
    await cluster.close();
    server.close();
    expect(directories()).toEqual([]);
  });

  it('starts on other ports where one of the Redis protocol is taken: real nodes say so', async () => {
    const [busy = 0, free = 0] = await portsByChance(2);
    const stranger = await holdPort(respPortOf(busy));
    const attempts = [busy, free];
    const cluster = await TemporaryCluster.start({
      request: { name: 'real', nodes: 1 },
      choosePorts: () => Promise.resolve(attempts.splice(0, 1)),
    });
    onTestFinished(() => cluster.close());
    stranger?.close();
    expect(cluster.nodes).toMatchObject([{ port: free, resp_port: respPortOf(free), state: 'running' }]);
    const socket = await RespSocket.open(respPortOf(free));
    await socket.expects('PING\r\n', '+PONG\r\n');
    socket.close();
  });

  it('leaves nothing where it cannot be prepared', async () => {
    const listeners = process.listenerCount('exit');
    const fail = (): never => {
      throw new Error('no room');
    };
    await expect(startStandIns({ nodes: 1, prepare: fail })).rejects.toThrow('no room');
    expect(directories()).toEqual([]);
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('leaves nothing when the process exits, not even a node that stands still', async () => {
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
      const args = ['--import', 'tsx', program];
      execFile(process.execPath, args, (error, out) => resolve({ code: error?.code, stdout: out }));
    });
    expect(code).toBe(3);
    const pids = JSON.parse(stdout) as number[];
    onTestFinished(() => pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')));
    expect(pids).toHaveLength(3);
    await until('no process is left', () => !pids.some(isAlive));
    expect(directories()).toEqual([]);
  });
});
