import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { FaultJson } from '../../src/cluster/controlApi.js';
import { linkTraffic } from '../support/linkTraffic.js';
import { freePorts } from '../support/ports.js';
import { expectSameKeys, level } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();
let nodes: NodeClient[];
beforeEach(async () => {
  const [port] = await freePorts(3);
  await home.up('--port', String(port));
  nodes = home.clients();
});

async function valueAt(node: number, key: string): Promise<string | null> {
  return (await nodes[node - 1]!.read(key)).value;
}

describe('faults on the links of real processes', { timeout: 60_000 }, () => {
  it('cut all links: each node goes on alone; healed, all agree on winner and siblings until a write settles it', async () => {
    await home.ok('hold', 'all');
    await Promise.all(nodes.map((node) => node.write('k', `from ${node.name}`)));
    await home.ok('write', 'only', 'here', '--node', '2');
    expect(await valueAt(1, 'only')).toBeNull();
    const apart = await home.kvc('read', 'k', '--all-nodes');
    for (const name of ['node1', 'node2', 'node3']) expect(apart.out).toContain(`from ${name}`);
    const healed = await home.kvc('heal');
    expect(healed).toMatchObject({ exit: 0, out: expect.stringContaining('f1') as string });
    await level(nodes);
    const readings = await Promise.all(
      nodes.map(async (node) => {
        const { value, dot, siblings } = await node.read('k');
        return { value, dot, siblings };
      }),
    );
    expect(readings[0]!.siblings).toHaveLength(2);
    expect(readings[1]).toEqual(readings[0]);
    expect(readings[2]).toEqual(readings[0]);
    const shown = await home.kvc('read', 'k', '--siblings', '--node', '3');
    for (const name of ['node1', 'node2', 'node3']) expect(shown.out).toContain(`from ${name}`);
    await home.ok('write', 'k', 'settled', '--node', '2');
    await level(nodes);
    for (const node of [1, 2, 3]) expect(await valueAt(node, 'k')).toBe('settled');
    for (const node of nodes) expect((await node.read('k')).siblings).toEqual([]);
    await expectSameKeys(nodes);
  });

  it('stay when the node that they act in is killed and restarted, or ends unexpectedly', async () => {
    // Of all links to it: another node would bring what one that is dead cannot.
    await home.ok('hold', 'node2');
    await nodes[0]!.write('k', '1');
    await home.ok('kill', '1');
    await home.ok('restart', '1');
    await until(
      'the update waits on the link again',
      async () => (await nodes[0]!.inspect()).peers[0]!.held > 0,
    );
    expect(await valueAt(2, 'k')).toBeNull();
    process.kill(home.pidOf('node1'), 'SIGKILL');
    await until(
      'node1 serves again',
      async () => (await home.status()).nodes[0]?.restarts === 1 && nodes[0]!.inspect(),
    );
    await until(
      'the update waits on the link again',
      async () => (await nodes[0]!.inspect()).peers[0]!.held > 0,
    );
    expect(await valueAt(2, 'k')).toBeNull();
    const { faults } = await home.json<{ faults: FaultJson[] }>('faults');
    expect(faults).toMatchObject([{ id: 'f1', kind: 'hold', target: 'node2' }]);
    await home.ok('release', 'node2');
    await until('k arrives', async () => (await valueAt(2, 'k')) === '1');
  });

  it('of one link stay with that link alone when the node that they act in is restarted', async () => {
    await home.ok('hold', 'node1:node2');
    const pid = home.pidOf('node1');
    await home.ok('restart', 'node1');
    expect(home.pidOf('node1')).not.toBe(pid);
    await nodes[0]!.write('k', '1');
    await until('node3 has it', async () => (await valueAt(3, 'k')) === '1');
    await until('the link holds', async () => (await linkTraffic(nodes)).get('node1:node2')!.held_total > 0);
    expect((await linkTraffic(nodes)).get('node1:node3')!.held_total).toBe(0);
    expect((await nodes[0]!.faults()).faults).toMatchObject([{ id: 'f1' }]);
    await home.ok('heal');
    await level(nodes);
  });

  it('can be set while the node is down or paused, and then act', async () => {
    await home.ok('kill', '1');
    await home.ok('pause', '2');
    await home.ok('hold', 'node1:node3');
    await home.ok('hold', 'node2:node3');
    await home.ok('restart', '1');
    await home.ok('resume', '2');
    await nodes[0]!.write('k1', '1');
    // A node that goes on finds itself far behind, and turns requests away until it has seen that it keeps up.
    await until('node2 takes a write', () => nodes[1]!.write('k2', '2'));
    await until('both links hold', async () => {
      const { faults } = await home.json<{ faults: { waiting: number | null }[] }>('faults');
      return faults.length === 2 && faults.every(({ waiting }) => (waiting ?? 0) > 0);
    });
    expect([await valueAt(3, 'k1'), await valueAt(3, 'k2')]).toEqual([null, null]);
  });

  it('end by themselves when their time is over, also where nobody was told', async () => {
    // From everybody, so that nobody can bring it past the link.
    await home.control().addFault({ kind: 'hold', target: 'node2', both: false, for_ms: 3000 });
    await nodes[0]!.write('k', '1');
    await until('the link holds', async () => (await linkTraffic(nodes)).get('node1:node2')!.held_total > 0);
    expect(await valueAt(2, 'k')).toBeNull();
    await until('k arrives', async () => (await valueAt(2, 'k')) === '1');
    expect(await home.json('faults')).toEqual({ faults: [] });
    for (const node of nodes) expect((await node.faults()).faults, node.name).toEqual([]);
  });

  it('let single updates through in order, to one node and not to the others', async () => {
    await home.ok('hold', 'node1:node3');
    for (const value of ['1', '2', '3']) await nodes[0]!.write('k', value);
    await until('node2 has all', async () => (await valueAt(2, 'k')) === '3');
    for (const value of ['1', '2']) {
      const step = await home.kvc('step', '1:3');
      expect(step.out).toContain(`let through node1:${value}`);
      await until(`node3 has ${value}`, async () => (await valueAt(3, 'k')) === value);
    }
    expect(await home.kvc('step', '1:2')).toMatchObject({
      exit: 7,
      err: expect.stringContaining('Try: kvc hold node1:node2') as string,
    });
    await home.ok('release', 'all');
    await until('node3 has all', async () => (await valueAt(3, 'k')) === '3');
  });
});
