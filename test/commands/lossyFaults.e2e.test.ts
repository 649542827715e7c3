import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NodeClient } from '../../src/client/nodeClient.js';
import type { FaultWithTraffic } from '../../src/cli/listFaults.js';
import type { ControlStatusJson, FaultJson } from '../../src/cluster/controlApi.js';
import type { LinkTrafficJson } from '../../src/protocol/faultsApi.js';
import { Cli } from './cli.js';

let cli: Cli;
let nodes: NodeClient[];

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d', '--ephemeral', '--nodes', '4');
  const status = (await cli.json('status')) as unknown as ControlStatusJson;
  nodes = status.nodes.map((node) => new NodeClient(node));
});

afterEach(async () => {
  await cli.ok('heal');
});

afterAll(() => cli.close());

const patient = { timeout: 30_000 };

async function traffic(source: number, target: number): Promise<LinkTrafficJson | undefined> {
  const { links } = await nodes[source - 1]!.faults();
  return links.find((link) => link.target === `node${target}`);
}

async function valueAt(node: number, key: string): Promise<string | null> {
  return (await nodes[node - 1]!.read(key)).value;
}

async function faults(): Promise<FaultWithTraffic[]> {
  return (await cli.json('faults'))['faults'] as FaultWithTraffic[];
}

describe('drop', () => {
  it('loses messages, as the counts show, while every update arrives in the end', async () => {
    expect(await cli.ok('drop', 'node1:node3', '50%', '--seed', '7')).toMatch(
      /^node1 → node3 drops 50%, one way, until cleared \(fault f\d+\); undo: kvc drop node1:node3 off\n$/,
    );
    const before = (await traffic(1, 3))?.dropped ?? 0;
    for (let value = 1; value <= 40; value += 1) await nodes[0]!.write('d', String(value));
    await expect.poll(async () => (await traffic(1, 3))!.dropped - before, patient).toBeGreaterThan(2);
    await expect.poll(() => valueAt(3, 'd'), patient).toBe('40');
    expect((await traffic(1, 2))?.dropped).toBe(0);

    expect(await cli.ok('faults')).toMatch(
      /f\d+ +node1:node3 +drops 50% \(seed 7\) +when cleared +0 +\d+ dropped +node1 → node3\n/,
    );
    expect(await cli.ok('status')).toMatch(/^node1 .* out: node3 drops 50% \(seed 7\)$/m);
    expect(await cli.ok('inspect', '1')).toMatch(/fault f\d+: node1 → node3 drops 50% \(seed 7\)\n/);
    const [fault] = await faults();
    expect(fault).toMatchObject({ kind: 'drop', percent: 50, seed: 7, waiting: 0 });
    expect(fault!.acted).toBeGreaterThan(2);

    expect(await cli.ok('drop', '1:3', 'off')).toMatch(/^fault f\d+ \(node1 → node3 drops 50%\) cleared\n$/);
  });

  it('of everything is got around by another node, as inspect shows', async () => {
    await cli.ok('drop', 'node1:node3', '100%');
    await cli.ok('write', '--node', '1', 'da', '1');
    await expect.poll(() => valueAt(3, 'da'), patient).toBe('1');
    expect((await traffic(1, 3))?.dropped).toBeGreaterThan(0);
    expect(await cli.ok('inspect', '1')).toMatch(/^node1 .*does not reach node3$/m);
    expect(await cli.ok('inspect')).toMatch(/since its start: .*relayed \d+/);
  });

  it('draws a seed, and shows it', async () => {
    const fault = (await cli.json('drop', 'node3', '0.5%', '--for', '5m')) as unknown as FaultJson;
    expect(fault).toMatchObject({ kind: 'drop', percent: 0.5, target: 'node3' });
    expect(fault.links).toHaveLength(3);
    expect(await cli.ok('faults')).toMatch(new RegExp(`drops 0\\.5% \\(seed ${fault.seed}\\) +in (5m|4m)`));
    expect((await nodes[0]!.faults()).faults).toMatchObject([{ seed: fault.seed, percent: 0.5 }]);
  });
});

describe('duplicate and reorder', () => {
  it('do so, as the counts show, and change nothing of what is delivered', async () => {
    await cli.ok('duplicate', 'all', '50%');
    expect(await cli.ok('reorder', 'all', '50%')).toMatch(
      /^every link reorders 50%, until cleared \(fault f\d+\); undo: kvc reorder all off\n$/,
    );
    for (let value = 1; value <= 40; value += 1) await nodes[0]!.write('e', String(value));
    await expect
      .poll(async () => (await faults()).every(({ acted }) => (acted ?? 0) > 3), patient)
      .toBe(true);
    for (const node of [2, 3, 4]) await expect.poll(() => valueAt(node, 'e'), patient).toBe('40');
    expect((await traffic(1, 2))!.duplicated + (await traffic(1, 3))!.duplicated).toBeGreaterThan(0);
    expect(await cli.json('duplicate', 'all', 'off')).toMatchObject({
      cleared: [{ kind: 'duplicate' }],
      faults: [{ kind: 'reorder' }],
    });
  });
});

describe('partition', () => {
  it('in halves cuts what is between them, both ways, and nothing else', async () => {
    expect(await cli.ok('partition', '--shape', 'halves')).toMatch(
      /^partition node1,node2 \| node3,node4 until cleared \(fault f\d+\); undo: kvc partition off\n$/,
    );
    await cli.ok('write', 'p', 'left', '--node', '1');
    await cli.ok('write', 'p', 'right', '--node', '3');
    await expect.poll(() => valueAt(2, 'p'), patient).toBe('left');
    await expect.poll(() => valueAt(4, 'p'), patient).toBe('right');
    for (const [source, target] of [
      [1, 3],
      [3, 1],
      [4, 2],
    ] as const) {
      await expect
        .poll(async () => (await traffic(source, target))?.acted.partition ?? 0, patient)
        .toBeGreaterThan(0);
    }
    expect((await traffic(1, 2))?.acted).toEqual({});
    expect([await valueAt(1, 'p'), await valueAt(2, 'p')]).toEqual(['left', 'left']);

    const [fault] = await faults();
    expect(fault).toMatchObject({ kind: 'partition', target: 'node1,node2 | node3,node4' });
    expect(fault!.links).toHaveLength(8);
    expect(await cli.ok('faults')).toMatch(
      /node1,node2 \| node3,node4 +partitioned +when cleared +0 +[1-9]\d* cut off +node1 → node3, .* and 4 more\n/,
    );
    expect(await cli.ok('status')).toMatch(/^node4 .* out: node1 partitioned, node2 partitioned$/m);

    expect(await cli.ok('partition', 'off')).toMatch(
      /^fault f\d+ \(partition node1,node2 \| node3,node4\) cleared\n$/,
    );
    for (const node of [1, 2, 3, 4]) {
      await expect.poll(async () => (await nodes[node - 1]!.read('p')).siblings.length, patient).toBe(1);
    }
  });

  it('lets no session wait in vain', async () => {
    await cli.ok('partition', '1,2', '3,4');
    await cli.ok('write', '--node', '1', 'q', '1', '--session', 'pat');
    const { exitCode, stderr } = await cli.run(
      ...['read', '--node', '3', 'q', '--session', 'pat', '--timeout', '50ms'],
    );
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(/Try: --node 1 · kvc partition off\n$/);
  });

  it('in a ring leaves every node its two neighbours, which pass on what comes from further away', async () => {
    const ring = (await cli.json('partition', '--shape', 'ring')) as unknown as FaultJson;
    expect(ring.target).toBe('ring node1,node2,node3,node4');
    expect(ring.links.map(({ source, target }) => `${source} ${target}`).sort()).toEqual([
      ...['node1 node3', 'node2 node4', 'node3 node1', 'node4 node2'],
    ]);
    await cli.ok('write', '--node', '1', 'ra', '1');
    await expect.poll(() => valueAt(2, 'ra'), patient).toBe('1');
    await cli.ok('write', '--node', '2', 'rb', '2');
    for (const node of [1, 3, 4]) await expect.poll(() => valueAt(node, 'rb'), patient).toBe('2');
    await expect.poll(() => cli.ok('inspect', '3'), patient).toContain('does not reach node1');
    expect((await traffic(1, 3))?.dropped).toBeGreaterThan(0);
    await cli.ok('partition', 'off');
  });

  it('adds to the one before, and "off" ends both', async () => {
    await cli.ok('partition', '1');
    await cli.ok('partition', '4');
    expect((await faults()).map(({ target, links }) => [target, links.length])).toEqual([
      ['node1 | node2,node3,node4', 4],
      ['node4 | node1,node2,node3', 6],
    ]);
    expect(await cli.json('partition', 'off')).toMatchObject({ cleared: [{}, {}], faults: [] });
  });

  it('ends by itself, and leaves other faults alone when it is ended', async () => {
    await cli.ok('delay', '1:2', '1ms');
    await cli.ok('partition', '4', '--for', '5m');
    expect(await cli.json('partition', 'off')).toMatchObject({
      cleared: [{ kind: 'partition', target: 'node4 | node1,node2,node3' }],
      faults: [{ kind: 'delay' }],
    });
    expect(await cli.ok('partition', 'off')).toContain('Nothing to clear');
    await cli.ok('partition', '--shape', 'one', '--for', '20ms');
    await expect.poll(async () => (await faults()).map(({ kind }) => kind), patient).toEqual(['delay']);
  });
});

describe('bad input', () => {
  it.each([
    [['drop', 'node3', '20'], 2, '20% or 0.5%'],
    [['drop', 'node3', '0%'], 2, 'write off'],
    [['drop', 'node3', '101%'], 2, 'at most 100%'],
    [['drop', 'node3'], 2, 'percent'],
    [['drop', 'node9', '20%'], 3, 'node1, node2, node3'],
    [['drop', '1:1', '20%'], 2, 'two different nodes'],
    [['drop', 'node3', '20%', '--seed', '4294967296'], 2, '0 to 4294967295'],
    [['duplicate', 'node3', 'some'], 2, '20% or 0.5%'],
    [['reorder', 'node3', '5ms'], 2, '20% or 0.5%'],
    [['hold', 'node3', '--seed', '1'], 2, 'seed'],
    [['partition'], 2, '--shape halves'],
    [['partition', '1', '--shape', 'one'], 2, 'both groups and a shape'],
    [['partition', '--shape', 'star'], 2, 'one, halves, ring'],
    [['partition', '1', '1,2'], 2, 'given twice'],
    [['partition', '1,,2'], 2, 'node2,node3'],
    [['partition', '9'], 3, 'node1, node2, node3'],
    [['partition', '1,2,3,4'], 7, 'cuts nothing'],
    [['partition', '1', '--seed', '1'], 2, 'seed'],
  ])('kvc %s exits with %d and says %s', async (args, exitCode, message) => {
    const outcome = await cli.run(...args);
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(await faults()).toEqual([]);
  });
});

describe('help', () => {
  it('lists the commands that break links together', async () => {
    const { stdout } = await cli.run('--help');
    const [, group = ''] = /FAULTS\n((?: .*\n)+)/.exec(stdout) ?? [];
    expect([...group.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name).slice(0, 6)).toEqual([
      ...['delay', 'drop', 'duplicate', 'reorder', 'partition', 'hold'],
    ]);
  });
});
