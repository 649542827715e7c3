import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCluster } from '../../src/cluster/openCluster.js';
import { cleanUpCluster } from '../../src/cluster/launchCluster.js';
import { stopCluster } from '../../src/cluster/stopCluster.js';
import { until } from '../support/until.js';
import {
  ask,
  fileOf,
  isAlive,
  nodesOf,
  order,
  supervisorPid,
  up,
  upApart,
  useTestHome,
} from './testClusters.js';

const { home } = useTestHome();

describe('up and down', { timeout: 60_000 }, () => {
  it('starts all nodes, keeps ports and identity across down and up, and starts killed nodes again', async () => {
    const first = await upApart(3);
    expect(first.status.nodes.map((node) => node.state)).toEqual(['running', 'running', 'running']);
    expect(statSync(first.dir).mode & 0o777).toBe(0o700);
    const { config } = await ask(first.status.nodes[0]);
    expect(config).toMatchObject({ hasServed: false, dataDir: join(first.dir, 'data', 'node1') });
    await (await openCluster('test')).control.kill('node2');
    await stopCluster('test', false);
    await expect(openCluster('test')).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_NOT_RUNNING' });

    const second = await up();
    expect(second.status.cluster).toEqual(first.status.cluster);
    expect(second.status.nodes.map(({ port, state }) => ({ port, state }))).toEqual(
      first.status.nodes.map(({ port }) => ({ port, state: 'running' })),
    );
    expect((await ask(second.status.nodes[0])).config.hasServed).toBe(true);
  });

  it('refuses a second up, and other settings than the recorded ones, and says what to do', async () => {
    await up({ nodes: 2 });
    await expect(up()).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_RUNNING' });
    await stopCluster('test', false);
    for (const change of [{ nodes: 4 }, { delivery: 'fifo' as const }, { ephemeral: true }]) {
      await expect(up(change)).rejects.toMatchObject({
        code: 'KVC_E_STATE_CONFLICT',
        message: expect.stringContaining('--fresh') as string,
      });
    }
    const fresh = await up({ nodes: 1, delivery: 'fifo', fresh: true });
    expect(fresh.status).toMatchObject({ delivery: 'fifo', nodes: [{ name: 'node1' }] });
  });

  it('lets exactly one of several racing ups win', async () => {
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await Promise.allSettled([up({ nodes: 1 }), up({ nodes: 1 }), up({ nodes: 1 })]);
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost.map((outcome) => (outcome.reason as { code: string }).code)).toEqual([
        'KVC_E_CLUSTER_RUNNING',
        'KVC_E_CLUSTER_RUNNING',
      ]);
      await stopCluster('test', false);
    }
  });

  it('runs two clusters side by side on ports of their own', async () => {
    const [left, right] = await Promise.all([up({ name: 'left' }), up({ name: 'right' })]);
    const ports = [...left.status.nodes, ...right.status.nodes].map((node) => node.port);
    expect(new Set(ports).size).toBe(6);
    await stopCluster('left', false);
    expect((await nodesOf('right')).map((node) => node.state)).toEqual(['running', 'running', 'running']);
  });

  it('refuses an explicit port that is taken, by its number; moves away from a recorded one, and says so', async () => {
    const { status } = await up({ nodes: 1 });
    const port = status.nodes[0]!.port;
    await stopCluster('test', false);
    const stranger = createServer().listen(port, '127.0.0.1');
    try {
      await expect(up({ port })).rejects.toMatchObject({
        code: 'KVC_E_PORT_TAKEN',
        message: expect.stringContaining(String(port)) as string,
      });
      const moved = await up();
      expect(moved.notes).toEqual([expect.stringContaining(`port ${port} is in use`)]);
    } finally {
      stranger.close();
    }
  });

  it('does the same where the port of the Redis protocol is taken, which stays no part of what is recorded', async () => {
    const { status } = await upApart(2);
    const [node1, node2] = status.nodes;
    expect(node1!.resp_port).toBe(node1!.port + 1000);
    expect((await ask(node1)).config.respPort).toBe(node1!.resp_port);
    const { nodes } = fileOf(home());
    expect(nodes).toEqual([
      { name: 'node1', port: node1!.port, hasServed: true },
      { name: 'node2', port: node2!.port, hasServed: true },
    ]);
    await stopCluster('test', false);
    const taken = node1!.resp_port;
    const stranger = createServer().listen(taken, '127.0.0.1');
    try {
      await expect(up({ port: node1!.port })).rejects.toMatchObject({
        code: 'KVC_E_PORT_TAKEN',
        message: expect.stringContaining(`port ${taken} is in use`) as string,
        facts: { port: taken },
      });
      const moved = await up();
      expect(moved.notes).toEqual([expect.stringContaining(`port ${taken} is in use`)]);
      expect(moved.status.nodes[0]!.port).not.toBe(node1!.port);
      expect(moved.status.nodes[1]!.port).toBe(node2!.port);
    } finally {
      stranger.close();
    }
  });

  it('rolls everything back when one node does not start, and shows its last log lines', async () => {
    order({ node2: { failWith: 'KVC_E_DATA_LOST' } });
    const failure = await up().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'KVC_E_DATA_LOST',
      message: expect.stringMatching(
        /node2 did not start: it was told to fail[^]*node2 error it was told/,
      ) as string,
    });
    expect(existsSync(join(home(), 'test'))).toBe(false);
  });

  it('keeps nothing of an ephemeral cluster', async () => {
    const { dir, status } = await up({ nodes: 2, ephemeral: true });
    expect((await ask(status.nodes[0])).config.dataDir).toBeNull();
    await stopCluster('test', false);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('nodes', { timeout: 60_000 }, () => {
  it('come back after an unexpected end, with longer pauses, and status says why', async () => {
    const { status } = await up({ nodes: 2 });
    const node = status.nodes[0]!;
    const before = await ask(node);
    for (let crash = 1; crash <= 2; crash += 1) {
      await ask(node, '/crash').catch(() => undefined);
      await until('restarting', async () => (await nodesOf())[0]?.restarts === crash);
      expect((await nodesOf())[0]?.detail ?? 'running').toMatch(
        /ended with status 1; starts again after 0\.[12] s|running/,
      );
      await until('running again', async () => (await nodesOf())[0]?.state === 'running');
    }
    expect((await ask(node)).instance).not.toBe(before.instance);
    expect((await nodesOf())[1]).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('stay down after kill until restart', async () => {
    const { status } = await up({ nodes: 2 });
    const { control } = await openCluster('test');
    const { pid } = await ask(status.nodes[0]);
    expect((await control.kill('node1')).nodes[0]?.state).toBe('killed');
    expect(isAlive(pid)).toBe(false);
    expect((await control.restart('node1')).nodes[0]?.state).toBe('running');
    await expect(control.kill('node7')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    await expect(control.resume('node1')).resolves.toBeDefined();
  });

  it('pause and resume, and do not hang down while paused', async () => {
    const { status } = await up({ nodes: 2 });
    const { control } = await openCluster('test');
    const { pid } = await ask(status.nodes[0]);
    expect((await control.pause('node1')).nodes[0]?.state).toBe('paused');
    // A signal takes effect when the kernel next runs the process, which on a busy machine is not at once.
    await until('it is stopped', () => /State:\s+T/.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    expect((await control.resume('node1')).nodes[0]?.state).toBe('running');
    await ask(status.nodes[0]);
    await control.pause('node1');
    await stopCluster('test', false);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('without its supervisor', { timeout: 60_000 }, () => {
  it('no node survives kill -9, and a paused one is ended by the next up', async () => {
    const { status } = await upApart(3);
    const { control } = await openCluster('test');
    const pids = await Promise.all(status.nodes.map(async (node) => (await ask(node)).pid));
    await control.pause('node2');
    process.kill(supervisorPid(home()), 'SIGKILL');
    await until('node1 and node3 are gone', () => !isAlive(pids[0]!) && !isAlive(pids[2]!));
    expect(isAlive(pids[1]!)).toBe(true);
    await expect(openCluster('test')).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_NOT_RUNNING' });
    const again = await up();
    expect(isAlive(pids[1]!)).toBe(false);
    expect(again.notes).toEqual([expect.stringContaining('node2')]);
    expect(again.status.nodes.map((node) => node.port)).toEqual(status.nodes.map((node) => node.port));
  });

  it('down ends a paused node that was left behind', async () => {
    const { status } = await up({ nodes: 1 });
    const { pid } = await ask(status.nodes[0]);
    await (await openCluster('test')).control.pause('node1');
    process.kill(supervisorPid(home()), 'SIGKILL');
    await until('the supervisor is gone', () => !isAlive(supervisorPid(home())));
    expect(await stopCluster('test', false)).toMatchObject({ wasRunning: false, ended: ['node1'] });
    expect(isAlive(pid)).toBe(false);
    await expect(stopCluster('test', false)).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_NOT_RUNNING' });
  });

  it('an attached cluster ends when the process that started it asks for it', async () => {
    const cluster = await up({ nodes: 1 }, false);
    const { pid } = await ask(cluster.status.nodes[0]);
    await expect(cleanUpCluster('test', true)).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_RUNNING' });
    cluster.stop();
    expect(await cluster.exited).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  it('a supervisor that is told to end by a signal stops its nodes in order', async () => {
    const { status } = await up({ nodes: 1 });
    const { pid } = await ask(status.nodes[0]);
    const supervisor = supervisorPid(home());
    process.kill(supervisor, 'SIGTERM');
    await until('both are gone', () => !isAlive(pid) && !isAlive(supervisor));
    expect(readFileSync(join(home(), 'test', 'cluster.json'), 'utf8')).toContain('"supervisor": null');
  });
});
