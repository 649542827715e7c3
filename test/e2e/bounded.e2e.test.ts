import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { InspectResponseJson } from '../../src/protocol/api.js';
import type { FastNode } from '../support/fastNode.js';
import { KvcHome } from '../support/kvcHome.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { testAmount } from '../support/testAmount.js';
import { until } from '../support/until.js';

const overwrites = testAmount({ full: 1_000_000, quick: 50_000 });
const keys = 1000;
const mib = 1024 * 1024;
/** A segment is the least that can go from the log. */
const segmentBytes = 8 * mib;

let home: KvcHome;
let nodes: NodeClient[];
let fast: FastNode[];
beforeEach(() => {
  home = new KvcHome();
});
afterEach(() => home.remove());

async function upNew(...args: string[]): Promise<void> {
  await home.upNew(3, ...args);
  nodes = home.clients();
  fast = home.fastNodes();
}

/** Overwrites 1,000 keys, over and over, at the given nodes in turn. */
async function overwrite(at: readonly FastNode[], count: number, valueBytes: number): Promise<void> {
  await runClients(32, count, (index) =>
    at[index % at.length]!.write(`key${index % keys}`, String(index).padEnd(valueBytes, '.')),
  );
}

function sizes(states: readonly InspectResponseJson[]): Record<string, string> {
  const all = (figure: (state: InspectResponseJson) => number): string =>
    states.map((state) => figure(state).toLocaleString('en-US')).join(' | ');
  return {
    'log bytes': all(({ log }) => log.bytes),
    'log updates': all(({ log }) => log.updates),
    'store entries': all(({ store }) => store.entries),
    'store bytes in use': all(({ store }) => store.used_bytes),
    'store bytes': all(({ store }) => store.bytes),
  };
}

function inspectAll(): Promise<InspectResponseJson[]> {
  return Promise.all(nodes.map((node) => node.inspect()));
}

describe('what a cluster keeps', { timeout: 900_000 }, () => {
  it(`shrinks again after ${overwrites} overwrites of ${keys} keys, and the delete of all`, async () => {
    await upNew();
    await overwrite(fast, overwrites, 100);
    const full = await inspectAll();
    report('after the overwrites', sizes(full));
    await runClients(32, keys, (index) => fast[index % 3]!.remove(`key${index}`));
    await sameDigest(nodes, 60_000);
    const states = await until(
      'no key is left, not even as a tombstone',
      async () => {
        const found = await inspectAll();
        return found.every(({ store, log }) => store.entries === 0 && log.bytes <= segmentBytes) && found;
      },
      30_000,
    );
    report('after the deletes', sizes(states));
    states.forEach(({ node, store, stable, clock, held_back_by }, index) => {
      expect(store.used_bytes, node).toBeLessThanOrEqual(full[index]!.store.used_bytes);
      expect(stable, node).toEqual(clock);
      expect(held_back_by).toBeNull();
    });
    const entries = await Promise.all(nodes.map((node) => node.digest()));
    expect(entries.map(({ keys: count }) => count)).toEqual([0, 0, 0]);
  });

  it('does not grow past the limit of the log while a node is dead, and the node comes back by a snapshot', async () => {
    const limit = 4 * mib;
    await upNew('--limit', 'logBytesMax=4mib');
    await overwrite(fast, 3000, 100);
    await home.kvc('kill', 'node3');
    const living = nodes.slice(0, 2);
    let mostBytes = 0;
    let written = false;
    const watch = (async () => {
      while (!written) {
        for (const node of living) mostBytes = Math.max(mostBytes, (await node.inspect()).log.bytes);
      }
    })();
    await overwrite(fast.slice(0, 2), 15_000, 500);
    written = true;
    await watch;
    const held = await living[0]!.inspect();
    expect(held.held_back_by).toBe('node3');
    // What is written between two looks at the log, twice a second, may lie above it as well.
    expect(mostBytes).toBeGreaterThan(limit / 2);
    expect(mostBytes).toBeLessThanOrEqual(limit + limit / 8 + 2 * mib);
    expect((await home.kvc('restart', 'node3')).exit).toBe(0);
    await sameDigest(nodes);
    const [first, second, third] = await inspectAll();
    expect(third!.counters.snapshots_taken).toBe(1);
    expect(third!.replica, 'it kept its data').toBe('node3');
    const given = first!.counters.snapshots_given + second!.counters.snapshots_given;
    expect(given).toBeGreaterThanOrEqual(1);
    report('one node dead', { 'most log bytes': mostBytes, limit, 'snapshots given': given });
    await nodes[2]!.write('after', 'x');
    await sameDigest(nodes);
    await until('the log shrinks again', async () => {
      const states = await inspectAll();
      return states.every(({ log }) => log.bytes <= limit / 4);
    });
  });
});
