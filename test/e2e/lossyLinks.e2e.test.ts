import { describe, expect, it } from 'vitest';
import { linkTraffic, totalTraffic } from '../support/linkTraffic.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { testSeed } from '../support/testSeed.js';
import { useHome } from '../support/useHome.js';

const operations = 20_000;
const clients = 16;
const keys = 500;
/** A delete, so that values come and go. */
const deleteChance = 0.2;

const home = useHome();

const faults = [
  ['drop', 'all', '30%'],
  ['duplicate', 'all', '30%'],
  ['reorder', 'all', '30%'],
  ['delay', 'all', '100ms±100ms'],
] as const;

/** Writes and deletes at all nodes by chance. @returns how many each node accepted, by its name */
async function writeEverywhere(random: SeededRandom): Promise<Map<string, number>> {
  const nodes = home.fastNodes();
  const accepted = new Map(nodes.map(({ name }) => [name, 0]));
  const dots = new Set<string>();
  await runClients(clients, operations, async (index) => {
    const node = random.pick(nodes);
    const key = `key${random.between(1, keys)}`;
    const isDelete = random.chance(deleteChance);
    const { dot } = await (isDelete ? node.remove(key) : node.write(key, `value ${index}`));
    accepted.set(node.name, (accepted.get(node.name) ?? 0) + 1);
    dots.add(`${dot.node}:${dot.counter}`);
  });
  expect(dots.size, 'no dot is given twice').toBe(operations);
  return accepted;
}

describe.each([3, 5])('%i nodes whose links lose, repeat, reorder and delay messages', (count) => {
  it(
    `take ${operations} writes and deletes, and once healed agree within 5 s, each delivered exactly once (KVC_TEST_SEED=${testSeed})`,
    { timeout: 180_000 },
    async () => {
      await home.upNew(count);
      for (const fault of faults) await home.ok(...fault, '--seed', String(testSeed));
      const accepted = await writeEverywhere(new SeededRandom(testSeed));
      const nodes = home.clients();
      const traffic = await linkTraffic(nodes);
      await home.ok('heal');
      const levelMs = await sameDigest(nodes, 5000);
      expect(levelMs, 'ms from heal to the same digest').toBeLessThan(5000);

      let duplicates = 0;
      for (const node of nodes) {
        const { clock, counters, pending_total } = await node.inspect();
        expect(clock).toEqual(Object.fromEntries(accepted));
        expect(counters.delivered, `delivered at ${node.name}`).toBe(
          operations - (accepted.get(node.name) ?? 0),
        );
        expect(pending_total).toBe(0);
        duplicates += counters.duplicates;
      }
      expect(duplicates, 'updates that came again').toBeGreaterThan(0);
      expect(traffic.size).toBe(count * (count - 1));
      for (const [link, { dropped, duplicated, reordered, delayed_total }] of traffic) {
        const least = Math.min(dropped, duplicated, reordered, delayed_total);
        expect(least, `every fault acted on ${link}`).toBeGreaterThan(0);
      }
      report(`${count} nodes, lossy links`, {
        ...totalTraffic(traffic),
        duplicates,
        'level after ms': levelMs,
      });
    },
  );
});
