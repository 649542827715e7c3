import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { NodeClient } from '../../src/client/nodeClient.js';
import type { ReplicaId } from '../../src/core/ids.js';
import type { ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import { startCluster, type StartClusterOptions, type TestCluster } from '../../src/testing/index.js';
import { openLink } from '../support/linkSocket.js';
import { requestBytes, RespSocket } from '../support/respSocket.js';
import { until } from '../support/until.js';

const modes = ['in-process', 'processes'] as const;
const probe: ReplicateMessage = {
  from: 'node1' as ReplicaId,
  clock: new Map(),
  unreached: [],
  offersSnapshot: false,
  updates: [],
};
const short = { requestTimeoutMs: 300 };

function clientOf(cluster: TestCluster, number: number): NodeClient {
  return new NodeClient(cluster.nodes[number - 1]!);
}

async function valueAt(cluster: TestCluster, number: number, key: string): Promise<string | null> {
  return (await clientOf(cluster, number).read(key)).value;
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('kvc-testing-'));
}

describe.each(modes)('a cluster for a test, %s', (mode) => {
  it('keeps a partition until it is healed, and then all nodes have the same', async () => {
    await using cluster = await startCluster({ mode });
    await cluster.partition(['node1'], ['node2', '3']);
    await clientOf(cluster, 1).write('k', 'one');
    await clientOf(cluster, 2).write('k', 'two');
    await until('node3 has it', async () => (await valueAt(cluster, 3, 'k')) === 'two');
    const late = cluster.converged({ timeout: 100 });
    await expect(late).rejects.toMatchObject({
      code: 'KVC_E_VERDICT_UNKNOWN',
      message: expect.stringMatching(/node1 has delivered .*partition node1 \| node2,node3/) as string,
    });
    expect(await valueAt(cluster, 1, 'k')).toBe('one');
    await cluster.heal();
    await cluster.converged();
    const values = await Promise.all([1, 2, 3].map((number) => valueAt(cluster, number, 'k')));
    expect(new Set(values).size).toBe(1);
    expect((await clientOf(cluster, 3).read('k')).siblings).toHaveLength(1);
  });

  it('makes a paused node stand still until it is resumed, and goes on without it', async () => {
    await using cluster = await startCluster({ mode });
    await cluster.pause('node2');
    const unanswered = clientOf(cluster, 2).read('k', short);
    await expect(unanswered).rejects.toMatchObject({ facts: { reason: 'ETIMEDOUT' } });
    const waiting = clientOf(cluster, 2).read('k', { requestTimeoutMs: 10_000 });
    await clientOf(cluster, 1).write('k', 'one');
    await cluster.converged();
    expect(await valueAt(cluster, 3, 'k')).toBe('one');
    await cluster.resume('node2');
    expect(await waiting).toMatchObject({ key: 'k' });
    await cluster.converged();
    expect(await valueAt(cluster, 2, 'k')).toBe('one');
  });

  it('makes also the links to a paused node stand still, and cuts them when it is killed', async () => {
    await using cluster = await startCluster({ mode });
    const link = await openLink(cluster.nodes[1]!.url);
    link.send(probe);
    await link.answered(1);
    await cluster.pause('node2');
    link.send(probe);
    await expect(clientOf(cluster, 2).read('k', short)).rejects.toMatchObject({
      facts: { reason: 'ETIMEDOUT' },
    });
    expect(link.answers).toHaveLength(1);
    await cluster.resume('node2');
    await link.answered(2);
    await cluster.kill('node2');
    await link.closed();
  });

  it('brings a killed node back at its address, with all that the others have', async () => {
    await using cluster = await startCluster({ mode });
    // From then on a connection is kept.
    expect(await valueAt(cluster, 3, 'k')).toBeNull();
    await cluster.kill('node3');
    await expect(valueAt(cluster, 3, 'k')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    await clientOf(cluster, 1).write('k', 'one');
    await cluster.converged();
    await cluster.restart('node3');
    await cluster.converged();
    expect(await valueAt(cluster, 3, 'k')).toBe('one');
  });

  it('speaks the Redis protocol, stands still at that, too, and is found again there', async () => {
    await using cluster = await startCluster({ mode });
    const [node1, node2] = cluster.nodes;
    const [first, second] = [await RespSocket.open(node1!.respPort), await RespSocket.open(node2!.respPort)];
    await first.expects([['SET', 'k', 'one']], '+OK\r\n');
    await cluster.converged();
    await second.expects([['GET', 'k']], '$3\r\none\r\n');

    await cluster.pause('node2');
    const late = await RespSocket.open(node2!.respPort);
    second.send(requestBytes(['SET', 'k', 'two']) + requestBytes(['GET', 'k']));
    late.send('PING\r\n');
    await first.expects([['SET', 'l', 'more']], '+OK\r\n');
    await cluster.converged();
    expect([second.unread, late.unread, await valueAt(cluster, 3, 'k')]).toEqual(['', '', 'one']);
    await cluster.resume('node2');
    await second.receives('+OK\r\n$3\r\ntwo\r\n');
    await late.receives('+PONG\r\n');
    await cluster.converged();

    await cluster.kill('node2');
    await until('its connections end', () => second.isClosed && late.isClosed);
    const refused = await RespSocket.open(node2!.respPort).catch(() => undefined);
    if (refused !== undefined) await until('one is cut off', () => refused.isClosed);
    await cluster.restart('node2');
    const again = await RespSocket.open(node2!.respPort);
    await again.expects([['GET', 'k']], '$3\r\ntwo\r\n');
    for (const socket of [first, again]) socket.close();
  });

  it('delays, holds and steps updates, by the words of the command line', async () => {
    await using cluster = await startCluster({ mode });
    await cluster.delay('node2', '10m');
    await cluster.hold('1:3');
    const node1 = clientOf(cluster, 1);
    await node1.write('first', '1');
    await node1.write('second', '2');
    const held = async () => (await node1.faults()).links.find(({ target }) => target === 'node3');
    await until('both are held', async () => (await held())?.updates.length === 2);
    await cluster.step('node1:node3');
    await until('the first is there', async () => (await valueAt(cluster, 3, 'first')) === '1');
    expect(await valueAt(cluster, 3, 'second')).toBeNull();
    expect(await valueAt(cluster, 2, 'first')).toBeNull();
    await cluster.release('1:3');
    await cluster.delay('2', 'off');
    await cluster.converged();
    expect((await node1.faults()).faults).toEqual([]);
    expect(await valueAt(cluster, 2, 'second')).toBe('2');
  });

  it('converges through loss, repetition and reordering, which its seed decides', async () => {
    await using cluster = await startCluster({ mode, seed: 7 });
    expect(cluster.seed).toBe(7);
    await cluster.drop('all', '30%', { for: '10m' });
    await cluster.duplicate('all', '30%');
    await cluster.reorder('node1:node2', '50%', { both: true });
    const { faults } = await clientOf(cluster, 2).faults();
    const told = faults.map(({ kind, target, seed }) => `${kind} ${target} ${seed}`).sort();
    const expected = ['drop node1 7', 'drop node3 7', 'duplicate node1 8', 'duplicate node3 8'];
    expect(told).toEqual([...expected, 'reorder node1 9']);
    for (let count = 0; count < 20; count += 1) await clientOf(cluster, 1).write(`k${count}`, 'v');
    await cluster.converged();
    expect(await valueAt(cluster, 3, 'k19')).toBe('v');
  });

  it('tells what its nodes log', async () => {
    const nodes = new Set<string>();
    const cluster = await startCluster({ mode, report: ({ node }) => nodes.add(node) });
    await cluster.kill('node1');
    await cluster.restart('node1');
    await cluster.close();
    expect([...nodes]).toContain('node1');
  });

  it('refuses everything once it is closed, and may be closed again', async () => {
    const cluster = await startCluster({ mode, nodes: 1 });
    await cluster.converged();
    await cluster.close();
    await cluster.close();
    await expect(cluster.heal()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await expect(cluster.kill('node1')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await expect(cluster.converged()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
  });

  it('starts beside others, and shares nothing with them', async () => {
    const count = mode === 'in-process' ? 8 : 3;
    const starts = Array.from({ length: count }, () => startCluster({ mode, nodes: 2 }));
    const clusters = await Promise.all(starts);
    try {
      expect(new Set(clusters.flatMap(({ urls }) => urls)).size).toBe(2 * count);
      await Promise.all(clusters.map((cluster, index) => clientOf(cluster, 1).write('k', String(index))));
      await Promise.all(clusters.map((cluster) => cluster.converged()));
      const values = await Promise.all(clusters.map((cluster) => valueAt(cluster, 2, 'k')));
      expect(values).toEqual(clusters.map((_, index) => String(index)));
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.close()));
    }
  });
});

describe('startCluster', () => {
  it('leaves what clients of Redis send to a paused node with the system, and ends it with the node', async () => {
    await using cluster = await startCluster({ nodes: 2 });
    const [paused, running] = await Promise.all(
      cluster.nodes.map(({ respPort }) => RespSocket.open(respPort)),
    );
    await cluster.pause('node1');
    const command = requestBytes(['SET', 'k', 'x'.repeat(100_000)]);
    const commands = Buffer.from(command.repeat(200));
    paused!.send(commands);
    // What the one takes and answers meanwhile the other could have taken, too.
    running!.send(commands);
    await running!.receives('+OK\r\n'.repeat(200));
    expect(paused!.unsentBytes).toBe(commands.length);
    await cluster.kill('node1');
    await until('it ends', () => paused!.isClosed);
    expect(paused!.unread).toBe('');
    running!.close();
  });

  it('ends the waiting for convergence when the cluster is closed', async () => {
    const cluster = await startCluster();
    await cluster.partition(['node1']);
    await clientOf(cluster, 1).write('k', 'v');
    const waiting = expect(cluster.converged()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await cluster.close();
    await waiting;
  });

  it('closes its clients with it', async () => {
    const cluster = await startCluster({ nodes: 1 });
    const client = await cluster.connect();
    await client.set('k', 'v');
    await cluster.close();
    await expect(client.get('k')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await expect(cluster.connect()).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
  });

  it('lets a node that waits for others to take it back be closed', async () => {
    const cluster = await startCluster();
    await cluster.kill('node3');
    await cluster.partition(['node1'], ['node2'], ['node3']);
    const restarting = expect(cluster.restart('node3')).rejects.toThrow();
    await until('it starts', async () => (await clientOf(cluster, 3).health(short)).status !== 'ready');
    await cluster.close();
    await restarting;
  });

  it.each<[string, StartClusterOptions]>([
    ['no nodes', { nodes: 0 }],
    ['too many nodes', { nodes: 17 }],
    ['an unknown mode', { mode: 'threads' as never }],
    ['an unknown delivery', { delivery: 'total' as never }],
    ['an option that there is not', { node: 3 } as never],
    ['a wrong limit', { limits: { logBytesMax: -1 } }],
    ['a wrong seed', { seed: 0.5 }],
  ])('refuses %s', async (_, options) => {
    await expect(startCluster(options)).rejects.toMatchObject({ code: 'KVC_E_USAGE' });
  });

  it('refuses faults that it cannot read, and makes none', async () => {
    await using cluster = await startCluster();
    const usage = { code: 'KVC_E_USAGE' };
    await expect(cluster.delay('node1', 'soon')).rejects.toMatchObject(usage);
    await expect(cluster.delay('node1', -1)).rejects.toMatchObject(usage);
    await expect(cluster.drop('node1', '0.2')).rejects.toMatchObject(usage);
    await expect(cluster.drop('node1', 20 as never)).rejects.toMatchObject(usage);
    await expect(cluster.hold('node1', { for: 'ever' })).rejects.toMatchObject(usage);
    await expect(cluster.partition(['node1'], ['node1'])).rejects.toMatchObject(usage);
    await expect(cluster.drop('node9', '20%')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    await expect(cluster.pause('node9')).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    expect((await clientOf(cluster, 2).faults()).faults).toEqual([]);
  });

  it('leaves nothing behind where a node does not start', async () => {
    const before = leftovers();
    vi.stubEnv('NODE_OPTIONS', '--import=/nowhere.js');
    const started = startCluster({ mode: 'processes' });
    await expect(started).rejects.toMatchObject({ code: 'KVC_E_START_FAILED' });
    vi.unstubAllEnvs();
    expect(leftovers()).toEqual(before);
  });
});
