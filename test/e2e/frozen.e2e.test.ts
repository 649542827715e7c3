import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ascending, percentile } from '../../bench/measure/statistics.js';
import type { FastNode } from '../support/fastNode.js';
import { KvcHome } from '../support/kvcHome.js';
import { report } from '../support/report.js';
import { sameDigest } from '../support/sameEverywhere.js';

const frozenMs = 10_000;
const usualMs = 3000;
const gapMsMax = 2000;
const writersPerNode = 4;

let home: KvcHome;
beforeEach(() => {
  home = new KvcHome();
});
afterEach(({ task }) => home.remove(task));

/** Writes at one node, and how long each took. */
class Load {
  latenciesMs: number[] = [];
  /** The longest time between two answers of the node. */
  gapMs = 0;
  readonly #node: FastNode;
  readonly #writers: Promise<void>[];
  #lastMs = performance.now();
  #stopped = false;

  constructor(node: FastNode) {
    this.#node = node;
    this.#writers = Array.from({ length: writersPerNode }, (_, writer) => this.#write(writer));
  }

  /** Begins to count anew. @returns what was measured so far */
  take(): { readonly latenciesMs: readonly number[]; readonly gapMs: number } {
    const { latenciesMs, gapMs } = this;
    this.latenciesMs = [];
    this.gapMs = 0;
    return { latenciesMs, gapMs };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }

  async #write(writer: number): Promise<void> {
    for (let turn = 1; !this.#stopped; turn += 1) {
      const beganMs = performance.now();
      await this.#node.write(`${this.#node.name}/${writer}/${turn % 500}`, `value ${turn}`);
      const nowMs = performance.now();
      this.latenciesMs.push(nowMs - beganMs);
      this.gapMs = Math.max(this.gapMs, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
    }
  }
}

it('a node that is frozen for 10 s holds nobody up, and catches up', { timeout: 120_000 }, async () => {
  await home.upNew(3);
  const nodes = home.clients();
  const [fast1, , fast3] = home.fastNodes();
  const loads = [new Load(fast1!), new Load(fast3!)];
  await sleep(usualMs);
  const usual = loads.map((load) => load.take());
  await home.kvc('pause', 'node2');
  const { clock: before } = await nodes[0]!.clock();
  await sleep(frozenMs);
  const frozen = loads.map((load) => load.take());
  const { nodes: states } = await home.control().status();
  expect(states[1]!.state).toBe('paused');
  await expect(nodes[1]!.clock({ requestTimeoutMs: 500 }), 'it is frozen').rejects.toMatchObject({
    code: 'KVC_E_NODE_UNREACHABLE',
  });
  const { clock: after } = await nodes[0]!.clock();
  await home.kvc('resume', 'node2');
  const resumedMs = performance.now();
  await Promise.all(loads.map((load) => load.stop()));
  await sameDigest(nodes, 30_000);
  const caughtUpMs = performance.now() - resumedMs;

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
