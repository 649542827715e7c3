import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { order, upApart } from '../cluster/testClusters.js';
import { Cli } from './cli.js';

/** Stand-in nodes under a real supervisor: what nodes do when they join and leave is tested elsewhere. */
let cli: Cli;
beforeAll(async () => {
  cli = await Cli.open();
  order({ node1: { durableAt: ['node1'] }, node3: { leave: 'KVC_E_NOT_READY' } });
  await upApart(3, { name: 'default', limits: { logBytesMax: 2 ** 20 } });
});
afterAll(async () => {
  delete process.env['KVC_TEST_NODE'];
  await cli.close();
});

describe('kvc add', () => {
  it('says where the node listens, how long it took, and what to do next', async () => {
    expect(await cli.ok('add')).toMatch(
      /^node4 http:\/\/127\.0\.0\.1:\d+ \(Redis protocol: \d+\) joined in \d+\.\d s\nNext: kvc list --node node4 · kvc inspect node4 · kvc remove node4\n$/,
    );
    expect(await cli.ok('status')).toMatch(/^node4 +\S+ +\d+/m);
  });

  it('takes a name, or its number for short, and prints the node with --json', async () => {
    expect(await cli.json('add', '7')).toMatchObject({ name: 'node7', state: 'running', detail: null });
    expect(await cli.json('add', 'spare')).toMatchObject({ name: 'spare' });
    expect(await cli.json('ls')).toMatchObject({ clusters: [{ name: 'default', nodes: 6 }] });
  });
});

describe('kvc remove', () => {
  it('says who has the data of the node', async () => {
    expect(await cli.ok('remove', 'spare')).toBe(
      'spare removed; node1, node2, node3, node4 and node7 have all of its writes\n',
    );
    expect(await cli.json('remove', '7')).toEqual({
      node: 'node7',
      forced: false,
      handed_on_to: ['node1', 'node2', 'node3', 'node4'],
    });
  });

  it('does not lose data unasked, and by force says what is lost', async () => {
    await cli.ok('kill', 'node2');
    const { exitCode, stdout, stderr } = await cli.run('remove', 'node2');
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toContain(
      'Error: node2 is killed, so it cannot hand its data on\n' +
        'Code: KVC_E_STATE_CONFLICT (exit 7)   Try: kvc restart node2 · kvc remove node2 --force (writes that only node2 has are lost)\n',
    );
    expect(await cli.ok('remove', 'node2', '--force')).toBe(
      'node2 removed; the other nodes have its writes up to node2:41, later ones are lost\n',
    );
  });

  it('leaves a node where it is that does not hand its data on in time', async () => {
    const { exitCode, stderr } = await cli.run('remove', 'node3', '--timeout', '1s');
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/Code: KVC_E_NOT_READY \(exit 5\) {3}Try: kvc remove node3 --timeout 5m · /);
    expect(await cli.ok('status')).toMatch(/^node3 /m);
  });
});

describe('kvc logs', () => {
  it('shows what a node logged that is gone', async () => {
    expect(await cli.ok('logs', 'node2')).toContain('node2 info ready');
    expect(await cli.ok('logs')).toMatch(/supervisor +info node2 is removed/);
  });
});

describe('kvc status', () => {
  it('has the limits of the nodes with --json', async () => {
    expect(await cli.json('status')).toMatchObject({
      limits: { logBytesMax: 2 ** 20, batchUpdatesMax: 512 },
    });
  });
});

describe('kvc write --replicas', () => {
  it.each([['one value', ['a', '1']] as const, ['a batch', ['a', '1', 'b', '2']] as const])(
    'says at how many nodes %s is durable when it is not at as many as asked',
    async (_what, pairs) => {
      const { exitCode, stderr } = await cli.run('write', ...pairs, '--replicas', '3', '--timeout', '1s');
      expect(exitCode).toBe(6);
      expect(stderr).toContain(
        'Error: the write became durable at 1 of the 3 nodes asked for within 1s (node1)',
      );
      expect(stderr).toContain('Code: KVC_E_NOT_DURABLE (exit 6)   Try: --timeout 10s');
    },
  );
});

describe('what cannot be done', () => {
  it.each([
    [['add', 'Node4'], 2, 'KVC_E_USAGE', 'no name for a node'],
    [['add', 'node1'], 7, 'KVC_E_STATE_CONFLICT', 'has a node1 already'],
    [['add', 'all'], 2, 'KVC_E_BAD_REQUEST', 'commands mean something else by it'],
    [['add', '--cluster', 'nobody'], 4, 'KVC_E_CLUSTER_NOT_RUNNING', 'nobody'],
    [['add', 'a', 'b'], 2, 'KVC_E_USAGE', 'b'],
    [['remove'], 2, 'KVC_E_USAGE', 'node'],
    [['remove', 'node9'], 3, 'KVC_E_NODE_UNKNOWN', 'node1, node3, node4'],
    [['remove', 'node1', '--timeout', '30'], 2, 'KVC_E_USAGE', '--timeout: "30" is no duration'],
    [['remove', 'node1', '--timeout', '11m'], 2, 'KVC_E_USAGE', 'at most 10m'],
    [['remove', 'node1', '--forse'], 2, 'KVC_E_USAGE', 'forse'],
    [
      ['up', '--cluster', 'x', '--limit', 'patience=1'],
      2,
      'KVC_E_USAGE',
      '--limit: there is no limit "patience"',
    ],
    [['up', '--cluster', 'x', '--limit', 'patience=1'], 2, 'KVC_E_USAGE', '\n  requestIdsMs '],
    [['up', '--cluster', 'x', '--limit', 'logBytesMax=5'], 2, 'KVC_E_USAGE', '1mib to 1tib, received "5"'],
    [['up', '--cluster', 'x', '--limit'], 2, 'KVC_E_USAGE', '--limit'],
    [
      ['up', '--cluster', 'x', '--limit', 'requestIdsMs=5s', '--limit', 'requestIdsMs=6s'],
      2,
      'KVC_E_USAGE',
      'given twice',
    ],
    [['write', 'a', '1', '--replicas', '0'], 2, 'KVC_E_USAGE', 'replicas'],
    [['write', 'a', '1', '--replicas', '17'], 2, 'KVC_E_USAGE', 'replicas'],
    [['write', 'a', '1', '--replicas', 'two'], 2, 'KVC_E_USAGE', 'two'],
  ])('kvc %s exits with %d: %s', async (args, exitCode, code, named) => {
    const outcome = await cli.run(...args);
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toContain(`Code: ${code} (exit ${exitCode})`);
    expect(outcome.stderr).toContain(named);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  it('has changed nothing', async () => {
    expect(await cli.json('ls')).toMatchObject({ clusters: [{ name: 'default', nodes: 3 }] });
  });
});
