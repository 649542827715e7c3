import { describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { InspectResponseJson } from '../../src/protocol/inspectApi.js';
import { linkTraffic, totalTraffic } from '../support/linkTraffic.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { level, sameDigest } from '../support/sameEverywhere.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const relayedWithinMs = 2000;

const home = useHome();
let nodes: NodeClient[];

async function upNew(count: number): Promise<void> {
  await home.upNew(count);
  nodes = home.clients();
}

/** `node(1)` is node1. */
function node(number: number): NodeClient {
  return nodes[number - 1]!;
}

async function relayedBy(number: number): Promise<number> {
  return (await node(number).inspect()).counters.relayed;
}

/** Nodes do not start at one moment: to the last of them messages have failed, and others may take its place for a while. */
async function allLinksWork(): Promise<void> {
  await Promise.all(nodes.map((each) => each.write(`first of ${each.name}`, 'x')));
  await level(nodes);
  await until('all links work', async () => {
    const states = await Promise.all(nodes.map((each) => each.inspect()));
    return states.every(
      ({ unreached, peers }) =>
        unreached.length === 0 && peers.every(({ error, unacked }) => error === null && unacked === 0),
    );
  });
}

async function counters(): Promise<InspectResponseJson['counters'][]> {
  return (await Promise.all(nodes.map((each) => each.inspect()))).map((state) => state.counters);
}

/** Writes at both nodes at once. @returns how long it took until each had what the other wrote, in ms */
async function exchange(left: number, right: number, key: string): Promise<number> {
  const beganMs = performance.now();
  await Promise.all([left, right].map((at) => node(at).write(`${key} of ${at}`, key)));
  await Promise.all(
    [
      [left, right],
      [right, left],
    ].map(([reader = 0, writer = 0]) =>
      until(
        `node${reader} has what node${writer} wrote`,
        async () => (await node(reader).read(`${key} of ${writer}`)).value === key,
        20_000,
      ),
    ),
  );
  return performance.now() - beganMs;
}

/** Awaits that each of two nodes has noticed that it does not reach the other. */
async function noticed(left: number, right: number): Promise<void> {
  const misses = async (from: number, to: number): Promise<boolean> =>
    (await node(from).inspect()).unreached.includes(`node${to}`);
  await until('both have noticed', async () => (await misses(left, right)) && (await misses(right, left)));
}

describe('updates of a third node', { timeout: 90_000 }, () => {
  it('get round a link that is cut both ways, within 2 s of the cut, and while it stands', async () => {
    await upNew(3);
    await exchange(1, 3, 'before');
    expect(await relayedBy(2)).toBe(0);
    await home.ok('drop', 'node1:node3', '100%', '--both');
    const justCutMs = await exchange(1, 3, 'just cut');
    await noticed(1, 3);
    const cutLinks = ['node1:node3', 'node3:node1'];
    const before = await linkTraffic(nodes);
    const longCutMs = await exchange(1, 3, 'long cut');
    const after = await until('both directions have lost something since', async () => {
      const now = await linkTraffic(nodes);
      return cutLinks.every((link) => now.get(link)!.dropped > before.get(link)!.dropped) && now;
    });
    expect(justCutMs).toBeLessThan(relayedWithinMs);
    expect(longCutMs).toBeLessThan(relayedWithinMs);
    const relayed = await relayedBy(2);
    expect(relayed).toBeGreaterThanOrEqual(4);
    for (const link of cutLinks) {
      const lost = after.get(link)!.dropped - before.get(link)!.dropped;
      expect(lost, `${link} is cut`).toBe(after.get(link)!.messages - before.get(link)!.messages);
    }
    await home.ok('heal');
    await sameDigest(nodes);
    report('relay', { relayed, 'just cut, ms': justCutMs, 'long cut, ms': longCutMs });
  });

  it('get round a link that is cut one way only', async () => {
    await upNew(3);
    await home.ok('drop', 'node1:node3', '100%');
    expect(await exchange(1, 3, 'k')).toBeLessThan(relayedWithinMs);
    expect(await relayedBy(2)).toBeGreaterThan(0);
  });

  it('come from whoever has them where their origin is dead for good', async () => {
    await upNew(3);
    await home.ok('hold', 'node1:node3');
    await runClients(4, 100, (index) => node(1).write(`orphan${index}`, 'x'));
    await until('node2 has all', async () => (await node(2).clock()).clock['node1'] === 100);
    await until(
      'the link holds',
      async () => (await linkTraffic([node(1)])).get('node1:node3')!.held_total > 0,
    );
    expect((await node(3).clock()).clock['node1'] ?? 0, 'node3 had nothing').toBe(0);
    await home.ok('kill', 'node1');
    await until('node3 has all', async () => (await node(3).clock()).clock['node1'] === 100, 20_000);
    expect(await relayedBy(2)).toBeGreaterThanOrEqual(100);
    await sameDigest([node(2), node(3)]);
    await node(3).write('after', 'x');
    await until('they go on', async () => (await node(2).read('after')).value === 'x');
  });

  it('go round a ring of five nodes', async () => {
    await upNew(5);
    await home.ok('partition', '--shape', 'ring');
    await runClients(10, 100, (index) => node((index % 5) + 1).write(`key${index}`, `value ${index}`));
    await level(nodes);
    const relayed = await Promise.all([1, 2, 3, 4, 5].map(relayedBy));
    // Each update has two nodes to reach that its origin does not.
    expect(relayed.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(200);
    const { dropped } = totalTraffic(await linkTraffic(nodes));
    expect(dropped).toBeGreaterThan(0);
    await home.ok('heal');
    await sameDigest(nodes);
    report('ring', { dropped, relayed: relayed.join(' + ') });
  });

  it('are never relayed, nor sent twice, where all links work', async () => {
    await upNew(3);
    await allLinksWork();
    const before = await counters();
    const fast = home.fastNodes();
    const { perSecond } = await runClients(16, 5000, (index) =>
      fast[index % 3]!.write(`key${index % 700}`, `value ${index}`),
    );
    await sameDigest(nodes);
    for (const each of nodes) expect((await each.inspect()).unreached, each.name).toEqual([]);
    (await counters()).forEach((after, index) => {
      const { relayed, duplicates, delivered } = before[index]!;
      expect(after, nodes[index]!.name).toMatchObject({ relayed, duplicates });
      expect(after.delivered - delivered).toBe(5000 - Math.ceil((5000 - index) / 3));
    });
    report('healthy', { 'writes/s': perSecond });
  });
});
