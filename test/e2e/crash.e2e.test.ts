import { beforeEach, expect, it } from 'vitest';
import type { ControlStatusJson } from '../../src/cluster/controlApi.js';
import { freePorts } from '../support/ports.js';
import {
  expectDotsUnique,
  expectReadableEverywhere,
  expectSameKeys,
  level,
} from '../support/sameEverywhere.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { testSeed as seed } from '../support/testSeed.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';
import type { Acknowledged, WriteStorm } from '../support/writeStorm.js';

const home = useHome();
beforeEach(async () => {
  const [port] = await freePorts(3);
  await home.up('--port', String(port));
});

/** Kills every process of the cluster, supervisor included, in an order of chance. */
function killAll(random: SeededRandom): void {
  const left = home.processes();
  expect(left).toHaveLength(4);
  while (left.length > 0) {
    const [pid] = left.splice(Math.floor(random.next() * left.length), 1);
    process.kill(pid!, 'SIGKILL');
  }
}

it(
  `10,000 acknowledged writes survive kill -9 of every process at random moments (KVC_TEST_SEED=${seed})`,
  { timeout: 120_000 },
  async () => {
    const random = new SeededRandom(seed);
    const acknowledged: Acknowledged[] = [];
    const rounds = 3;
    for (let round = 1; round <= rounds; round += 1) {
      const killAt = round < rounds ? random.between(2000, 4000) : 10_000 - acknowledged.length;
      let killed = false;
      const storm: WriteStorm = home.storm(`round${round}`, home.clients(), 16, () => {
        if (killed || storm.acknowledged.length < killAt) return;
        killed = true;
        killAll(random);
      });
      await until('the kill', () => killed && home.processes().length === 0, 30_000);
      await storm.stop();
      expect(storm.unanswered, 'writes were under way').toBeGreaterThan(0);
      acknowledged.push(...storm.acknowledged);

      await home.up();
      const nodes = home.clients();
      await level(nodes);
      await expectReadableEverywhere(nodes, acknowledged);
      await expectSameKeys(nodes);
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(10_000);
    expectDotsUnique(acknowledged);
  },
);

it(
  `nodes that are killed one by one come back by themselves, and nothing acknowledged is lost (KVC_TEST_SEED=${seed})`,
  { timeout: 60_000 },
  async () => {
    const random = new SeededRandom(seed);
    const nodes = home.clients();
    const storm = home.storm('storm', nodes, 4);
    const victims = ['node1', 'node2', 'node3', 'node1'];
    const restarts = new Map<string, number>();
    for (const victim of victims) {
      const before = storm.acknowledged.length;
      const enough = before + random.between(100, 500);
      await until('some writes are acknowledged', () => storm.acknowledged.length >= enough, 30_000);
      const pid = home.pidOf(victim);
      process.kill(pid, 'SIGKILL');
      const times = (restarts.get(victim) ?? 0) + 1;
      restarts.set(victim, times);
      await until(`${victim} runs again`, async () => (await restartsOf(victim)) === times, 20_000);
      expect(home.pidOf(victim)).not.toBe(pid);
    }
    await storm.stop();
    expect(storm.unanswered).toBeGreaterThan(0);
    await level(nodes);
    await expectReadableEverywhere(nodes, storm.acknowledged);
    await expectSameKeys(nodes);
    expectDotsUnique(storm.acknowledged);
  },
);

/** How often a node that runs now was restarted; undefined while it does not run. */
async function restartsOf(name: string): Promise<number | undefined> {
  const { nodes } = await home.json<Pick<ControlStatusJson, 'nodes'>>('status');
  const node = nodes.find((each) => each.name === name);
  return node?.state === 'running' ? node.restarts : undefined;
}
