import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { KvcClient } from '../../src/client/library/kvcClient.js';
import { recordHistory } from '../../src/testing/history/recordHistory.js';
import { startCluster } from '../../src/testing/startCluster.js';
import type { TestCluster } from '../../src/testing/testCluster.js';
import { Chance } from '../../src/torture/chance.js';
import { testAmount } from '../support/testAmount.js';
import { testSeed } from '../support/testSeed.js';

const operations = testAmount({ full: 50_000, quick: 4000 });
const sessions = 20;
const sharedKeys = 40;

interface Tally {
  begun: number;
  failed: number;
  moved: number;
  kills: number;
  pauses: number;
}

/*
 * Sessions of the library ask another node each time, or whichever answers, while links are slow and lose messages and nodes
 * are killed, paused and started again. What they saw is judged by the checker, which knows nothing of kvc.
 */
it(
  `a session that moves over all nodes under delay, loss, pauses and kills sees no anomaly in ${operations} operations (seed ${testSeed})`,
  { timeout: 900_000 },
  async () => {
    await using cluster = await startCluster({ nodes: 3, mode: 'processes', seed: testSeed });
    const history = recordHistory();
    const tally = { begun: 0, failed: 0, moved: 0, kills: 0, pauses: 0 };
    await cluster.delay('all', '5ms±5ms');
    await cluster.drop('all', '10%');
    const broken = breakNodes(cluster, tally);
    const clients = Array.from({ length: sessions }, async (_, index) => {
      const client = await cluster.connect({ timeout: 8000 });
      await useSession(history.wrap(client, `session${index}`), `own${index}`, index, tally);
    });
    await Promise.all(clients);
    await broken;
    await cluster.heal();
    await history.readFinally(cluster, { timeout: 60_000 });
    const report = await history.verdict();
    console.log(JSON.stringify({ ...tally, ...report.coverage }));
    const violated = report.levels.filter((level) => level.isClaimed && level.verdict === 'violation');
    expect(violated.map(({ level, anomaly }) => `${level}: ${anomaly?.explanation ?? ''}`)).toEqual([]);
    expect(report.verdict).toBe('consistent');
    // The faults happened, and what they left is enough to judge by.
    expect(tally.kills).toBeGreaterThan(0);
    expect(tally.pauses).toBeGreaterThan(0);
    expect(tally.moved).toBeGreaterThan(operations / 4);
    expect(tally.failed).toBeLessThan(operations / 4);
    expect(report.coverage.readsAtRiskOfOthers).toBeGreaterThan(operations / 10);
  },
);

async function useSession(client: KvcClient, ownKey: string, index: number, tally: Tally): Promise<void> {
  const chance = new Chance(testSeed, `session ${index}`);
  for (let number = 1; tally.begun < operations; number += 1) {
    tally.begun += 1;
    const at = chance.happens(0.6) ? { node: `node${chance.between(1, 3)}`, timeout: 400 } : {};
    if ('node' in at) tally.moved += 1;
    const key = chance.happens(0.3) ? ownKey : `k${chance.between(1, sharedKeys)}`;
    try {
      const kind = chance.between(1, 10);
      if (kind <= 6) await client.get(key, at);
      else if (kind === 7) await client.getMany([key, 'k1', 'k2'], at);
      else if (kind === 8) await client.delete(key, at);
      else await client.set(key, `${index}.${number}`, at);
    } catch {
      // The recording says how it failed.
      tally.failed += 1;
    }
  }
}

/** One node at a time: killed and started again, or paused and resumed. */
async function breakNodes(cluster: TestCluster, tally: Tally): Promise<void> {
  const chance = new Chance(testSeed, 'faults');
  while (tally.begun < operations) {
    const node = `node${chance.between(1, 3)}`;
    await sleep(500);
    if (chance.happens(0.5)) {
      await cluster.kill(node);
      tally.kills += 1;
      await sleep(300);
      await cluster.restart(node);
    } else {
      await cluster.pause(node);
      tally.pauses += 1;
      await sleep(1500);
      await cluster.resume(node);
    }
  }
}
