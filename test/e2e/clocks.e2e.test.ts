import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { expectDotsUnique, expectReadableEverywhere, sameDigest } from '../support/sameEverywhere.js';
import { SeededRandom } from '../../src/simulate/machine/seededRandom.js';
import { testSeed } from '../support/testSeed.js';
import { useHome } from '../support/useHome.js';

const hourMs = 3_600_000;
const preload = new URL('../support/skewClock.mjs', import.meta.url).href;

let turnsDir: string;
beforeEach(() => {
  turnsDir = mkdtempSync(join(tmpdir(), 'kvc-skew-'));
});
afterEach(() => rmSync(turnsDir, { recursive: true, force: true }));

const home = useHome(() => ({
  NODE_OPTIONS: `--import ${preload}`,
  KVC_TEST_SKEWS_MS: [-hourMs, 0, hourMs].join(),
  KVC_TEST_SKEW_DIR: turnsDir,
}));

it(
  `nodes whose clocks are an hour apart keep every promise (KVC_TEST_SEED=${testSeed})`,
  { timeout: 120_000 },
  async () => {
    await home.upNew(3);
    const nodes = home.clients();
    const fast = home.fastNodes();
    const aheadMs = (await Promise.all(nodes.map((node) => node.inspect())))
      .map(({ now_ms }) => now_ms - Date.now())
      .sort((left, right) => left - right);
    for (const [index, expected] of [-hourMs, 0, hourMs].entries()) {
      expect(Math.abs(aheadMs[index]! - expected), 'a wrong clock').toBeLessThan(60_000);
    }

    // Load beside it, and a client that goes from node to node at random with one session and always reads its last write.
    const storm = home.storm('storm', fast, 2);
    const random = new SeededRandom(testSeed);
    await runClients(4, 200, async (index) => {
      const key = `walk ${index}`;
      const { session } = await random.pick(fast).write(key, String(index), { session: 'new' });
      const seen = await random.pick(fast).read(key, { session });
      expect(seen).toMatchObject({ value: String(index), siblings: [] });
      // Later in the session, at a node whose clock may be far behind: it wins all the same.
      const later = await random.pick(fast).write(key, `${index} again`, { session: seen.session });
      const again = await random.pick(fast).read(key, { session: later.session });
      expect(again).toMatchObject({ value: `${index} again`, siblings: [] });
    });
    await storm.stop();
    expect(storm.unanswered).toBe(0);
    await sameDigest(nodes);
    await expectReadableEverywhere(nodes, storm.acknowledged);
    expectDotsUnique(storm.acknowledged);
    const states = await Promise.all(nodes.map((node) => node.inspect()));
    const skews = states.map(({ clock_skew_ms }) => clock_skew_ms);
    expect(Math.max(...skews), 'the skew is reported').toBeGreaterThan(hourMs);
    report('clocks', { writes: storm.acknowledged.length + 400, 'skew reported, ms': skews.join(' ') });

    // A node that starts again with an earlier clock than it had: the next turn is the first skew again.
    const at = states.findIndex(({ now_ms }) => now_ms - Date.now() > hourMs / 2);
    const [changed, other] = [nodes[at]!, fast[(at + 1) % 3]!];
    await home.ok('kill', changed.name);
    await home.ok('restart', changed.name);
    expect((await changed.inspect()).now_ms - Date.now(), 'its clock went back').toBeLessThan(-hourMs / 2);
    const { session } = await other.write('walk', 'before', { session: 'new' });
    await changed.write('walk', 'after', { session });
    await sameDigest(nodes);
    for (const node of nodes) {
      expect(await node.read('walk')).toMatchObject({ value: 'after', siblings: [] });
    }
  },
);
