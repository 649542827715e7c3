import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ascending, percentile } from '../../bench/measure/statistics.js';
import { report } from '../support/report.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { useHome } from '../support/useHome.js';

const frozenMs = 10_000;
const usualMs = 3000;
const gapMsMax = 2000;
const writersPerNode = 4;

const home = useHome();

/** How fast one node answers, from one look to the next. */
class Answers {
  #latenciesMs: number[] = [];
  #gapMs = 0;
  #lastMs = performance.now();

  note(tookMs: number): void {
    this.#latenciesMs.push(tookMs);
    this.#gapMs = this.#longestGapMs();
    this.#lastMs = performance.now();
  }

  /**
   * Begins to count anew. A gap that is still open counts as far as it goes, and whole at the next look.
   * @returns what was measured so far, with the longest time between two answers
   */
  take(): { readonly latenciesMs: readonly number[]; readonly gapMs: number } {
    const taken = { latenciesMs: this.#latenciesMs, gapMs: this.#longestGapMs() };
    this.#latenciesMs = [];
    this.#gapMs = 0;
    return taken;
  }

  #longestGapMs(): number {
    return Math.max(this.#gapMs, performance.now() - this.#lastMs);
  }
}

it('a node that is frozen for 10 s holds nobody up, and catches up', { timeout: 120_000 }, async () => {
  await home.upNew(3);
  const nodes = home.clients();
  const [fast1, , fast3] = home.fastNodes();
  const answers = [new Answers(), new Answers()];
  const storms = [fast1!, fast3!].map((node, index) =>
    home.storm('load', [node], writersPerNode, (tookMs) => answers[index]!.note(tookMs)),
  );
  await sleep(usualMs);
  const usual = answers.map((each) => each.take());
  await home.ok('pause', 'node2');
  const { clock: before } = await nodes[0]!.clock();
  await sleep(frozenMs);
  const frozen = answers.map((each) => each.take());
  const { nodes: states } = await home.control().status();
  expect(states[1]!.state).toBe('paused');
  await expect(nodes[1]!.clock({ requestTimeoutMs: 500 }), 'it is frozen').rejects.toMatchObject({
    code: 'KVC_E_NODE_UNREACHABLE',
  });
  const { clock: after } = await nodes[0]!.clock();
  await home.ok('resume', 'node2');
  const resumedMs = performance.now();
  await Promise.all(storms.map((storm) => storm.stop()));
  await sameDigest(nodes, 30_000);
  const caughtUpMs = performance.now() - resumedMs;

  for (const { unanswered } of storms) expect(unanswered, 'writes refused').toBe(0);
  for (const { gapMs } of frozen) expect(gapMs, 'ms without an answer').toBeLessThan(gapMsMax);
  const p99 = (measured: readonly { readonly latenciesMs: readonly number[] }[]): number =>
    percentile(ascending(measured.flatMap(({ latenciesMs }) => latenciesMs)), 99);
  report('frozen', {
    'p99 usual, ms': p99(usual),
    'p99 while one is frozen, ms': p99(frozen),
    'longest gap, ms': Math.max(...frozen.map(({ gapMs }) => gapMs)),
    'writes meanwhile': frozen.flatMap(({ latenciesMs }) => latenciesMs).length,
    'level after, ms': caughtUpMs,
  });
  for (const name of ['node1', 'node3']) expect(after[name]).toBeGreaterThan(before[name]! + 100);
});
