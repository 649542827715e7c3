import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { ControlNodeJson, RemovedNodeJson } from '../../src/cluster/controlApi.js';
import { HandStartedNode } from '../support/handStartedNode.js';
import { runClients } from '../support/runClients.js';
import { expectDotsUnique, expectReadableEverywhere, level, sameDigest } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';
import type { Acknowledged } from '../support/writeStorm.js';

const home = useHome();
let byHand: HandStartedNode | undefined;
beforeEach(async () => {
  await home.upNew(3);
});
afterEach(() => byHand?.end());

/** What every node says of who belongs to the cluster. */
async function membersNow(): Promise<string[]> {
  const answers = await Promise.all(home.clients().map((node) => node.members()));
  const views = answers.map(({ members }) =>
    members.map(({ replica, state }) => `${replica} ${state}`).join(', '),
  );
  return [...new Set(views)];
}

async function settled(expected: string): Promise<void> {
  await until(
    `all nodes say: ${expected}`,
    async () => (await membersNow()).join(' / ') === expected,
    20_000,
  );
}

/** Awaits that no node's vectors name the replica any more. */
async function shed(replica: string): Promise<void> {
  const isNamed = async (node: NodeClient): Promise<boolean> => {
    const { clock, durable } = await node.inspect();
    return replica in clock || replica in durable;
  };
  await until(
    `no vector names ${replica}`,
    async () => {
      const named = await Promise.all(home.clients().map(isNamed));
      return !named.includes(true);
    },
    20_000,
  );
}

describe('while clients write', { timeout: 120_000 }, () => {
  it('a node is added, has everything, and writes; another leaves, and nothing of it is lost', async () => {
    const before = await home.writeSome('before', home.fastNodes(), 500);
    const storm = home.storm('storm', home.fastNodes(), 2);
    const added = await home.json<ControlNodeJson>('add');
    expect(added).toMatchObject({ name: 'node4', state: 'running' });
    await until('the others go on', () => storm.acknowledged.length > 300, 30_000);
    await storm.stop();
    expect(storm.unanswered, 'writes refused').toBe(0);
    const [, , , node4] = home.clients();
    expect((await node4!.inspect()).counters.snapshots_taken).toBe(1);
    const own = await home.writeSome('own', [node4!], 100);
    const all = [...before, ...storm.acknowledged, ...own];
    await level(home.clients());
    await expectReadableEverywhere(home.clients(), all);
    await settled('node1 member, node2 member, node3 member, node4 member');

    const [fast1, fast2, fast3] = home.fastNodes();
    const meanwhile = home.storm('meanwhile', [fast1!, fast3!], 2);
    const last = await home.writeSome('last words', [fast2!], 200);
    const removed = await home.json<RemovedNodeJson>('remove', 'node2');
    expect(removed).toMatchObject({ node: 'node2', forced: false });
    expect('handed_on_to' in removed && removed.handed_on_to.length).toBeGreaterThan(0);
    await meanwhile.stop();
    expect(meanwhile.unanswered, 'writes refused').toBe(0);
    all.push(...last, ...meanwhile.acknowledged);
    const nodes = home.clients();
    expect(nodes.map(({ name }) => name)).toEqual(['node1', 'node3', 'node4']);
    await sameDigest(nodes);
    await expectReadableEverywhere(nodes, all);
    expectDotsUnique(all);
    expect(existsSync(home.dataDir('node2'))).toBe(false);
    await settled('node1 member, node2 left, node3 member, node4 member');
    await shed('node2');
    await expectReadableEverywhere(nodes, all);
  });

  it('a node hands on, before it leaves, what nobody else had', async () => {
    await home.ok('hold', 'node2:node1');
    await home.ok('hold', 'node2:node3');
    const own = await home.writeSome('own', [home.clients()[1]!], 50);
    expect((await home.clients()[0]!.clock()).clock['node2'] ?? 0).toBe(0);
    const refused = await home.kvc('remove', 'node2', '--timeout', '500ms');
    expect(refused.exit, 'nobody can take it').not.toBe(0);
    expect(refused.err).toContain('--force');
    await home.ok('release', 'node2:node3');
    await until('somebody takes it', async () => (await home.kvc('remove', 'node2')).exit === 0, 30_000);
    await sameDigest(home.clients());
    await expectReadableEverywhere(home.clients(), own);
  });
});

it(
  'a node that is killed while it leaves hands on all the same, and then stops',
  { timeout: 120_000 },
  async () => {
    await home.ok('hold', 'node2', '--both');
    const own = await home.writeSome('own', [home.clients()[1]!], 50);
    expect((await home.kvc('remove', 'node2', '--timeout', '500ms')).exit).not.toBe(0);
    process.kill(home.pidOf('node2'), 'SIGKILL');
    await until('it runs again', async () => {
      const [, node2] = (await home.control().status()).nodes;
      return node2?.state === 'running' && node2.restarts === 1;
    });
    for (const node of [home.clients()[0]!, home.clients()[2]!]) {
      expect((await node.clock()).clock['node2'] ?? 0, `${node.name} has nothing`).toBe(0);
    }
    await home.ok('heal');
    const left = await until('it has left', async () => {
      const [, node2] = (await home.control().status()).nodes;
      return node2?.state === 'failed' && node2;
    });
    expect(left.detail).toContain('node2 has left the cluster');
    expect((await home.kvc('remove', 'node2', '--force')).exit).toBe(0);
    await sameDigest(home.clients());
    await expectReadableEverywhere(home.clients(), own);
  },
);

describe('a dead node', { timeout: 120_000 }, () => {
  it('is removed by force, which says up to where the others have its writes; a new one may take its name', async () => {
    const nodes = home.clients();
    const kept = await home.writeSome('kept', home.fastNodes(), 300);
    await level(nodes);
    const counter = (await nodes[0]!.clock()).clock['node3'];
    await home.ok('hold', 'node3:node1');
    await home.ok('hold', 'node3:node2');
    const lost = await home.writeSome('lost', [nodes[2]!], 20);
    await home.ok('kill', 'node3');
    const polite = await home.kvc('remove', 'node3');
    expect(polite.exit).toBe(7);
    expect(polite.err).toContain('kvc remove node3 --force (writes that only node3 has are lost)');
    const removed = await home.kvc('remove', 'node3', '--force');
    expect(removed).toMatchObject({
      exit: 0,
      out: `node3 removed; the other nodes have its writes up to node3:${counter}, later ones are lost\n`,
    });
    const living = home.clients();
    await sameDigest(living);
    await expectReadableEverywhere(living, kept);
    expect((await living[0]!.read(lost[0]!.key)).value).toBeNull();
    await settled('node1 member, node2 member, node3 left');
    await shed('node3');

    expect((await home.kvc('add', 'node3')).exit).toBe(0);
    const again = await home.writeSome('again', home.fastNodes(), 150);
    await sameDigest(home.clients());
    await expectReadableEverywhere(home.clients(), [...kept, ...again]);
    expectDotsUnique([...kept, ...lost, ...again]);
    expect((await home.clients()[2]!.inspect()).replica).toMatch(/^node3\.[0-9a-z]+$/);
  });

  it('that was removed is not listened to when its data reappears, and is told so', async () => {
    await home.writeSome('before', home.fastNodes(), 100);
    await level(home.clients());
    const file = home.clusterFile();
    await home.ok('kill', 'node3');
    const copy = join(home.dir, 'copy-of-node3');
    cpSync(home.dataDir('node3'), copy, { recursive: true });
    await home.ok('remove', 'node3', '--force');
    const nodes = home.clients();
    await shed('node3');
    await sameDigest(nodes);
    const before = await Promise.all(nodes.map((node) => node.digest()));
    byHand = HandStartedNode.start(file, 'node3', copy);
    expect(await byHand.failed()).toMatchObject({
      code: 'KVC_E_REMOVED',
      message: expect.stringContaining('node3 has left the cluster') as string,
    });
    expect(await Promise.all(nodes.map((node) => node.digest()))).toEqual(before);
    await settled('node1 member, node2 member, node3 left');
  });

  it('that was removed while the cluster file still lists it does not keep the others from starting', async () => {
    await home.writeSome('before', home.fastNodes(), 100);
    await level(home.clients());
    await home.ok('kill', 'node3');
    const copy = join(home.dir, 'copy-of-node3');
    cpSync(home.dataDir('node3'), copy, { recursive: true });
    const listed = home.clusterFile();
    await home.ok('remove', 'node3', '--force');
    await settled('node1 member, node2 member, node3 left');
    await home.ok('down');
    cpSync(copy, home.dataDir('node3'), { recursive: true });
    home.writeClusterFile({ ...listed, supervisor: null });
    await home.up();
    const fenced = await until('node3 is stopped', async () => {
      const [, , node3] = (await home.control().status()).nodes;
      return node3?.state === 'failed' && node3;
    });
    expect(fenced.detail).toContain('node3 has left the cluster');
    await home.writeSome('after', home.fastNodes().slice(0, 2), 100);
    await sameDigest(home.clients().slice(0, 2));
    expect((await home.kvc('remove', 'node3', '--force')).exit).toBe(0);
    expect((await home.status()).nodes).toHaveLength(2);
  });
});

it(
  'an update of a node that joins and leaves again and again is never lost',
  { timeout: 120_000 },
  async () => {
    const all: Acknowledged[] = [];
    for (let round = 1; round <= 3; round += 1) {
      await home.json('add', 'extra');
      const extra = home.clients().find(({ name }) => name === 'extra')!;
      all.push(...(await home.writeSome(`round ${round}`, [extra], 50)));
      await runClients(4, 20, () => home.clients()[0]!.write('busy', String(round)));
      await home.json('remove', 'extra');
      await sameDigest(home.clients());
      await expectReadableEverywhere(home.clients(), all);
    }
    expectDotsUnique(all);
    await until(
      'no vector grows',
      async () => {
        const { clock } = await home.clients()[0]!.inspect();
        return Object.keys(clock).every((replica) => ['node1', 'node2', 'node3'].includes(replica));
      },
      20_000,
    );
  },
);
