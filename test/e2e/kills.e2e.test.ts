import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import { report } from '../support/report.js';
import {
  allKeys,
  expectDotsUnique,
  expectReadableEverywhere,
  sameDigest,
} from '../support/sameEverywhere.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { faultSeconds } from '../support/testAmount.js';
import { testSeed } from '../support/testSeed.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();

/** Starts what the supervisor would leave down for a while, as a node that is killed again and again is. */
async function reviveAll(): Promise<void> {
  const control = home.control();
  const { nodes } = await control.status();
  const down = nodes.filter(({ state }) => state === 'restarting' || state === 'failed');
  // One that is killed while it starts is revived the next time.
  await Promise.all(down.map(({ name }) => control.restart(name).catch(() => undefined)));
}

/** @returns whether it struck a node that ran */
async function killOne(random: SeededRandom): Promise<boolean> {
  const { nodes } = await home.control().status();
  const running = nodes.filter(({ state }) => state === 'running');
  if (running.length === 0) return false;
  try {
    process.kill(home.pidOf(random.pick(running).name), 'SIGKILL');
    return true;
  } catch {
    // It has ended since, by the kill before.
    return false;
  }
}

/** Every dot that any node shows names one key: none of these keys is written twice. */
async function expectOneKeyPerDot(nodes: readonly NodeClient[]): Promise<void> {
  const shown = new Set((await Promise.all(nodes.map(allKeys))).flat());
  const dots = new Set([...shown].map((line) => line.split(' ')[1]));
  expect(dots.size).toBe(shown.size);
}

it(
  `one random node is killed with SIGKILL every second for ${faultSeconds} s under load, and nothing acknowledged is lost (KVC_TEST_SEED=${testSeed})`,
  { timeout: (faultSeconds + 90) * 1000 },
  async () => {
    await home.upNew(3);
    const nodes = home.clients();
    const random = new SeededRandom(testSeed);
    const storm = home.storm('storm', home.fastNodes(), 4);
    let kills = 0;
    let reviving = Promise.resolve();
    const beganMs = performance.now();
    for (let second = 1; second <= faultSeconds; second += 1) {
      await sleep(beganMs + second * 1000 - performance.now());
      if (await killOne(random)) kills += 1;
      // One that the supervisor is too busy to answer is made up for by the next.
      reviving = reviving.then(reviveAll).catch(() => undefined);
    }
    await reviving;
    await storm.stop();
    await until(
      'all nodes run',
      async () => {
        await reviveAll();
        return (await home.status()).nodes.every(({ state }) => state === 'running');
      },
      30_000,
    );
    const levelMs = await sameDigest(nodes, 30_000);
    await expectReadableEverywhere(nodes, storm.acknowledged);
    expectDotsUnique(storm.acknowledged);
    await expectOneKeyPerDot(nodes);
    const { clock } = await nodes[0]!.clock();
    expect(Object.keys(clock), 'no node lost what it had').toEqual(['node1', 'node2', 'node3']);
    expect(kills).toBeGreaterThan(faultSeconds * 0.8);
    expect(storm.unanswered, 'writes were under way').toBeGreaterThan(0);
    const { acknowledged, unanswered } = storm;
    report('kills', { kills, acknowledged: acknowledged.length, unanswered, 'level after ms': levelMs });
  },
);
