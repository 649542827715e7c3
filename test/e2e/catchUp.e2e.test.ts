import { expect, it } from 'vitest';
import { peakRssBytesOf } from '../../bench/processes/peakRss.js';
import { linkTraffic } from '../support/linkTraffic.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { testAmount } from '../support/testAmount.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const writes = testAmount({ full: 200_000, quick: 25_000 });
const memoryMbMax = 400;

const home = useHome();

it(
  `a node that was cut off for ${writes} writes catches up fast and in little memory`,
  { timeout: 300_000 },
  async () => {
    await home.upNew(3);
    const nodes = home.clients();
    const node3 = nodes[2]!;
    const [fast1, fast2] = home.fastNodes();
    await home.ok('partition', 'node3');
    const taken = await runClients(48, writes, (index, client) =>
      (client % 2 === 0 ? fast1! : fast2!).write(`key${index % 10_000}`, String(index).padEnd(100, '.')),
    );
    const before = await node3.inspect();
    expect(before.clock, 'node3 has nothing').toEqual({});
    for (const [link, { dropped }] of await linkTraffic(nodes)) {
      if (link.includes('node3')) expect(dropped, link).toBeGreaterThan(0);
    }
    await home.ok('heal');
    const beganMs = performance.now();
    await until(
      'node3 has all',
      async () => {
        const { clock } = await node3.clock();
        return (clock['node1'] ?? 0) + (clock['node2'] ?? 0) === writes;
      },
      200_000,
    );
    const perSecond = writes / ((performance.now() - beganMs) / 1000);
    await sameDigest(nodes);
    const mostMb = nodes.map(({ name }) => peakRssBytesOf(home.pidOf(name))! / 1e6);
    const { counters } = await node3.inspect();
    expect(counters).toMatchObject({ delivered: writes, snapshots_taken: 0 });
    report('catch-up', {
      'taken writes/s': taken.perSecond,
      'caught up updates/s': perSecond,
      ratio: perSecond / taken.perSecond,
      'most MB of memory': mostMb.map(Math.round).join(' '),
    });
    for (const mb of mostMb) expect(mb, 'MB of memory').toBeLessThan(memoryMbMax);
    expect(perSecond / taken.perSecond, 'caught up : taken').toBeGreaterThanOrEqual(0.5);
  },
);
