import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import { filesIn, flipByte, halve, overwrite, sizeOf } from '../support/damage.js';
import type { FastNode } from '../support/fastNode.js';
import { expectDotsUnique, expectReadableEverywhere, level, sameDigest } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';
import type { Acknowledged } from '../support/writeStorm.js';

/** A node that lost what it had, under another replica id. */
const later = /^node2\.[0-9a-z]+$/;

const home = useHome();
let nodes: NodeClient[];
let fast: FastNode[];

async function upNew(...args: string[]): Promise<void> {
  await home.upNew(3, ...args);
  nodes = home.clients();
  fast = home.fastNodes();
}

/** What happens to node2 while the others take writes. @returns all that was acknowledged before and meanwhile */
async function whileOthersWrite(
  before: Acknowledged[],
  happening: () => Promise<void>,
): Promise<Acknowledged[]> {
  const storm = home.storm('meanwhile', [fast[0]!, fast[2]!], 2);
  await happening();
  const enough = storm.acknowledged.length + 100;
  await until('the others go on', () => storm.acknowledged.length >= enough, 30_000);
  await storm.stop();
  expect(storm.unanswered, 'writes refused by the others').toBe(0);
  return [...before, ...storm.acknowledged];
}

/** Everything acknowledged is everywhere, also what is written now; no dot names two writes. @returns node2's replica id */
async function expectComplete(acknowledged: readonly Acknowledged[]): Promise<string> {
  await level(nodes);
  const all = [...acknowledged, ...(await home.writeSome('after', fast, 300))];
  await sameDigest(nodes);
  await expectReadableEverywhere(nodes, all);
  expectDotsUnique(all);
  const { replica } = await nodes[1]!.inspect();
  const { dot } = await nodes[1]!.write('last', 'x');
  expect(dot.node).toBe(replica);
  return replica;
}

function complaintsOf(node: string): string[] {
  const urgent = home.logLines(node).filter(({ level: each }) => each === 'warn' || each === 'error');
  return urgent.map(({ message }) => message);
}

describe('a node without its data', { timeout: 120_000 }, () => {
  it('whose directory was deleted is complete again, under another replica id, and keeps its name', async () => {
    await upNew();
    const before = await home.writeSome('before', fast, 600);
    const { session } = await nodes[1]!.write('seen', 'here', { session: 'new' });
    await level(nodes);
    const all = await whileOthersWrite(before, async () => {
      await home.ok('kill', 'node2');
      rmSync(home.dataDir('node2'), { recursive: true });
      expect((await home.kvc('restart', 'node2')).exit).toBe(0);
    });
    expect(await expectComplete(all)).toMatch(later);
    expect(await nodes[1]!.read('seen', { session })).toMatchObject({
      value: 'here',
      dot: { node: 'node2' },
    });
    expect((await nodes[1]!.inspect()).node).toBe('node2');
    expect(complaintsOf('node2').join('\n')).toMatch(/the data of this node is gone/);
  });

  it('that loses it twice, the second time while it runs, is a third replica', async () => {
    await upNew();
    const before = await home.writeSome('before', fast, 300);
    await level(nodes);
    const ids = new Set<string>();
    let all = before;
    for (let time = 1; time <= 2; time += 1) {
      rmSync(home.dataDir('node2'), { recursive: true });
      process.kill(home.pidOf('node2'), 'SIGKILL');
      await until('it is noticed', async () => (await home.control().status()).nodes[1]!.restarts === time);
      await home.running();
      await level(nodes);
      ids.add((await nodes[1]!.inspect()).replica);
      all = [...all, ...(await home.writeSome(`time ${time}`, fast, 150))];
      await level(nodes);
    }
    ids.add(await expectComplete(all));
    expect(ids.size).toBe(2);
    for (const id of ids) expect(id).toMatch(later);
  });

  it('that kept it in memory only is complete again after a restart, and after SIGKILL', async () => {
    await upNew('--ephemeral');
    const before = await home.writeSome('before', fast, 600);
    await level(nodes);
    const restarted = await whileOthersWrite(before, async () => {
      expect((await home.kvc('restart', 'node2')).exit).toBe(0);
    });
    const second = await expectComplete(restarted);
    expect(second).toMatch(later);
    const killed = await home.writeSome('again', fast, 150);
    await level(nodes);
    process.kill(home.pidOf('node2'), 'SIGKILL');
    await until('it is noticed', async () => (await home.control().status()).nodes[1]!.restarts === 1);
    await home.running();
    await level(nodes);
    await expectReadableEverywhere(nodes, [...restarted, ...killed]);
    const third = (await nodes[1]!.inspect()).replica;
    expect(third).toMatch(later);
    expect(third).not.toBe(second);
    expect((await nodes[1]!.write('k', 'x')).dot).toMatchObject({ node: third });
    expect(home.logLines('supervisor').map(({ message }) => message)).toContain(
      'node2 starts without its data, which was in memory',
    );
  });

  it('that a partition keeps from its peers joins them when it is healed', async () => {
    await upNew('--ephemeral');
    const before = await home.writeSome('before', fast, 150);
    await level(nodes);
    await home.ok('partition', 'node2', 'node1,node3');
    process.kill(home.pidOf('node2'), 'SIGKILL');
    const asking = async (): Promise<boolean> => {
      const { state, detail } = (await home.control().status()).nodes[1]!;
      return state === 'starting' && /asks/.test(detail ?? '');
    };
    await until('it asks in vain to be admitted', asking, 30_000);
    expect((await home.kvc('heal')).exit).toBe(0);
    await home.running();
    expect(await expectComplete(before)).toMatch(later);
    expect((await nodes[1]!.faults()).faults).toEqual([]);
  });
});

describe('a node whose disk damaged', { timeout: 120_000 }, () => {
  it.each([
    // Nobody reads it before node3 has to be told what is in it.
    ['a full part of its log', (files: readonly string[]) => files[0]!],
    // Read when the node starts.
    ['the last part of its log', (files: readonly string[]) => files.at(-1)!],
  ])('a byte in the middle of %s comes back as another replica, without a gap', async (_what, choose) => {
    await upNew('--limit', 'logBytesMax=1mib');
    const first = await home.writeSome('first', fast, 100);
    await level(nodes);
    // Small files, several of which stay because node3 lacks what is in them.
    await home.ok('drop', 'node1:node3', '100%');
    await home.ok('drop', 'node2:node3', '100%');
    const before = [...first, ...(await home.writeSome('before', [fast[0]!, fast[1]!], 3500))];
    await level(nodes.slice(0, 2));
    expect((await nodes[1]!.inspect()).log.segments).toBeGreaterThanOrEqual(3);
    await home.ok('kill', 'node2');
    const damaged = choose(filesIn(home.dataDir('node2'), /log\/\d+\.log$/));
    flipByte(damaged, Math.floor(sizeOf(damaged) / 2));
    const restarted = home.kvc('restart', 'node2');
    // node1 cannot help: node3 is to get all from node2.
    await home.ok('drop', 'node2:node3', 'off');
    await until(
      'the damage is found',
      () => /this node cannot be used/.test(complaintsOf('node2').join()),
      30_000,
    );
    await home.ok('heal');
    expect((await restarted).exit).toBe(0);
    await home.running();
    expect(await expectComplete(before)).toMatch(later);
  });

  it.each([
    ['half of its key store', halve],
    [
      'the middle of its key store',
      (path: string) => overwrite(path, Math.floor(sizeOf(path) / 4), Math.floor(sizeOf(path) / 2)),
    ],
    ['the beginning of its key store', (path: string) => overwrite(path, 0, 8192)],
  ])('%s has it again, and stays the same replica', async (_what, damage) => {
    await upNew();
    const before = await home.writeSome('before', fast, 1500);
    await level(nodes);
    const all = await whileOthersWrite(before, async () => {
      await home.ok('kill', 'node2');
      const [store] = filesIn(home.dataDir('node2'), /data\.mdb$/);
      damage(store!);
      expect((await home.kvc('restart', 'node2')).exit).toBe(0);
    });
    expect(await expectComplete(all)).toBe('node2');
    expect(complaintsOf('node2').join('\n')).toMatch(/the key store is damaged/);
  });
});
