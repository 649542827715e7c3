import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { checkHistory } from '../../src/check/checkHistory.js';
import { operationOfLine } from '../../src/check/formats/operationLine.js';
import type { HistoryLine } from '../../src/check/historyLine.js';
import { startCluster } from '../../src/testing/startCluster.js';
import type { TestCluster } from '../../src/testing/testCluster.js';
import { Chance } from '../../src/torture/chance.js';
import { RespHistory } from '../support/respHistory.js';
import { testAmount } from '../support/testAmount.js';
import { testSeed } from '../support/testSeed.js';

const operations = testAmount({ full: 50_000, quick: 3000 });
const sessions = 16;
const keys = 40;

/*
 * Sessions over the Redis protocol go from node to node with their tokens, while links are slow and lose messages and nodes are
 * killed, paused and started again. What they saw is judged by the checker.
 */
it(
  `sessions over the Redis protocol see no anomaly in ${operations} operations under faults (seed ${testSeed})`,
  { timeout: 900_000 },
  async () => {
    await using cluster = await startCluster({ nodes: 3, mode: 'processes', seed: testSeed });
    await cluster.delay('all', '5ms±5ms');
    await cluster.drop('all', '10%');
    const lines: HistoryLine[] = [];
    const faults = { kills: 0, pauses: 0 };
    const breaking = breakNodes(cluster, lines, faults);
    await Promise.all(Array.from({ length: sessions }, (_, index) => useSession(cluster, index, lines)));
    await breaking;
    await cluster.heal();
    await cluster.converged({ timeout: 60_000 });
    await readFinally(cluster, lines);
    const report = checkHistory(
      lines.map((line, index) => operationOfLine(line, index + 1)).filter((each) => each !== undefined),
    );
    const statuses = (status: string): number => lines.filter((line) => line.status === status).length;
    console.log(
      JSON.stringify({ ...faults, fail: statuses('fail'), info: statuses('info'), ...report.coverage }),
    );
    const violated = report.levels.filter(({ isClaimed, verdict }) => isClaimed && verdict === 'violation');
    expect(violated.map(({ level, anomaly }) => `${level}: ${anomaly?.explanation ?? ''}`)).toEqual([]);
    expect(report.verdict).toBe('consistent');
    expect(Math.min(faults.kills, faults.pauses)).toBeGreaterThan(0);
    expect(statuses('fail')).toBeLessThan(operations / 3);
    expect(report.coverage.readsAtRiskOfOthers).toBeGreaterThan(operations / 10);
  },
);

async function useSession(cluster: TestCluster, index: number, lines: HistoryLine[]): Promise<void> {
  const chance = new Chance(testSeed, `resp ${index}`);
  const session = new RespHistory(`session${index}`, lines);
  const anyKey = (): string => (chance.happens(0.2) ? `own${index}` : `k${chance.between(1, keys)}`);
  for (let number = 1; lines.length < operations; number += 1) {
    const node = chance.pick(cluster.nodes);
    const value = `${index}.${number}`;
    const kind = chance.between(1, 10);
    const isDone =
      kind <= 5
        ? await session.get(node, anyKey())
        : kind === 6
          ? await session.mget(node, [...new Set([anyKey(), 'k1', 'k2'])])
          : kind === 7
            ? await session.setAll(node, { k1: `${value}.a`, k2: `${value}.b` })
            : await session.set(node, anyKey(), value);
    if (!isDone) await sleep(10);
  }
  session.close();
}

/** One node at a time: killed and started again, or paused and resumed. */
async function breakNodes(
  cluster: TestCluster,
  lines: readonly HistoryLine[],
  faults: { kills: number; pauses: number },
): Promise<void> {
  const chance = new Chance(testSeed, 'faults');
  while (lines.length < operations) {
    const { name } = chance.pick(cluster.nodes);
    await sleep(400);
    if (chance.happens(0.5)) {
      await cluster.kill(name);
      faults.kills += 1;
      await sleep(200);
      await cluster.restart(name);
    } else {
      await cluster.pause(name);
      faults.pauses += 1;
      await sleep(1000);
      await cluster.resume(name);
    }
  }
}

async function readFinally(cluster: TestCluster, lines: HistoryLine[]): Promise<void> {
  const written = lines.flatMap((line) => (line.ops ?? [line]).map(({ key }) => key ?? ''));
  const all = [...new Set(written)].filter((key) => key !== '').sort();
  for (const { name, respPort } of cluster.nodes) {
    const redis = new Redis({ port: respPort, host: '127.0.0.1' });
    const values = await redis.mget(...all);
    for (const [index, key] of all.entries()) {
      lines.push({
        session: `final.${name}`,
        type: 'read',
        key,
        value: values[index] ?? null,
        status: 'ok',
        final: true,
        replica: name,
      });
    }
    redis.disconnect();
  }
}
