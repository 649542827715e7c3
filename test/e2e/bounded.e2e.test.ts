import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { InspectResponseJson } from '../../src/protocol/inspectApi.js';
import type { FastNode } from '../support/fastNode.js';
import { report } from '../support/report.js';
import { runClients } from '../support/runClients.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { testAmount } from '../support/testAmount.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const overwrites = testAmount({ full: 1_000_000, quick: 100_000 });
const keys = 1000;
/** Keys of one atomic batch, which is one update. */
const batchKeys = 10;
/** Between two looks of the log's keeper, and until the store has what is to go. */
const keeperMs = 1500;
/** Of an update that writes 500 bytes, in the log. */
const updateBytes = 600;
const kib = 1024;
const mib = 1024 * 1024;
/** Of what everybody has, a log may keep so much in the file that it writes to. */
const logBytesMax = mib;
/** Of a log, or a store, that has nothing to keep. */
const emptyBytesMax = 64 * kib;

const home = useHome();
let nodes: NodeClient[];
let fast: FastNode[];

async function upNew(...args: string[]): Promise<void> {
  await home.upNew(3, ...args);
  nodes = home.clients();
  fast = home.fastNodes();
}

/** Overwrites 1,000 keys, over and over, at the given nodes in turn. */
async function overwrite(at: readonly FastNode[], count: number, valueBytes: number): Promise<void> {
  await runClients(32, count / batchKeys, (batch) => {
    const writes = Array.from({ length: batchKeys }, (_, position) => {
      const index = batch * batchKeys + position;
      return { key: `key${index % keys}`, value: String(index).padEnd(valueBytes, '.') };
    });
    return at[batch % at.length]!.batch(writes);
  });
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

/** How the log of a node grew while it was watched. */
interface Growth {
  /** The most that it took. */
  bytes: number;
  /** The most updates that it was given between two looks of its keeper, and until the store had what was to go. */
  updates: number;
}

/** Watches the logs of these nodes until it is called off. @returns what the log was like that was worst */
async function watchLogs(at: readonly NodeClient[], signal: AbortSignal): Promise<Growth> {
  const worst = { bytes: 0, updates: 0 };
  const looks = at.map((): { readonly atMs: number; readonly updates: number }[] => []);
  while (!signal.aborted) {
    for (const [index, node] of at.entries()) {
      const { log, clock } = await node.inspect();
      const look = { atMs: performance.now(), updates: updatesIn(clock) };
      looks[index]!.push(look);
      const before = looks[index]!.findLast(({ atMs }) => atMs <= look.atMs - keeperMs);
      worst.bytes = Math.max(worst.bytes, log.bytes);
      worst.updates = Math.max(worst.updates, look.updates - (before?.updates ?? 0));
    }
    await sleep(20);
  }
  return worst;
}

function updatesIn(clock: Readonly<Record<string, number>>): number {
  return Object.values(clock).reduce((sum, counter) => sum + counter, 0);
}

function inspectAll(): Promise<InspectResponseJson[]> {
  return Promise.all(nodes.map((node) => node.inspect()));
}

describe('what a cluster keeps', { timeout: 900_000 }, () => {
  it(`shrinks again after ${overwrites} overwrites of ${keys} keys, and the delete of all`, async () => {
    await upNew('--limit', 'logKeptBytes=0');
    await overwrite(fast, overwrites, 100);
    const full = await until(
      'the logs are short again, although all keys are there',
      async () => {
        const found = await inspectAll();
        return found.every(({ log }) => log.bytes <= logBytesMax) && found;
      },
      30_000,
    );
    report('after the overwrites', sizes(full));
    for (const { node, store } of full) {
      expect(store.entries, node).toBe(keys);
      expect(store.used_bytes, node).toBeGreaterThan(2 * emptyBytesMax);
    }
    await runClients(32, keys, (index) => fast[index % 3]!.remove(`key${index}`));
    await sameDigest(nodes, 60_000);
    const states = await until(
      'no key is left, not even as a tombstone, nor room taken by any',
      async () => {
        const found = await inspectAll();
        return (
          found.every(
            ({ store, log }) => store.entries === 0 && Math.max(store.used_bytes, log.bytes) < emptyBytesMax,
          ) && found
        );
      },
      60_000,
    );
    report('after the deletes', sizes(states));
    for (const { node, stable, clock, held_back_by } of states) {
      expect(stable, node).toEqual(clock);
      expect(held_back_by).toBeNull();
    }
    const entries = await Promise.all(nodes.map((node) => node.digest()));
    expect(entries.map(({ keys: count }) => count)).toEqual([0, 0, 0]);
  });

  it('does not grow past the limit of the log while a node is dead, and the node comes back by a snapshot', async () => {
    const limit = 4 * mib;
    await upNew('--limit', 'logBytesMax=4mib', '--limit', 'logKeptBytes=0');
    await overwrite(fast, 3000, 100);
    await home.ok('kill', 'node3');
    const living = nodes.slice(0, 2);
    const writing = new AbortController();
    const watching = watchLogs(living, writing.signal);
    const value = 'x'.repeat(500);
    await runClients(8, 20_000, (index) => fast[index % 2]!.write(`key${index % keys}`, value));
    writing.abort();
    const most = await watching;
    const held = await living[0]!.inspect();
    expect(held.held_back_by).toBe('node3');
    expect(most.bytes).toBeGreaterThan(limit / 2);
    // A segment, and what is written until the log is looked at again and the store has what is to go from it.
    const slack = limit / 8 + most.updates * updateBytes;
    expect(most.bytes).toBeLessThanOrEqual(limit + slack);
    expect(held.log.updates, 'the oldest are gone').toBeLessThan(20_000);
    expect((await home.kvc('restart', 'node3')).exit).toBe(0);
    await sameDigest(nodes);
    const [first, second, third] = await inspectAll();
    expect(third!.counters.snapshots_taken).toBe(1);
    expect(third!.replica, 'it kept its data').toBe('node3');
    const given = first!.counters.snapshots_given + second!.counters.snapshots_given;
    expect(given).toBeGreaterThanOrEqual(1);
    report('one node dead', {
      'most log bytes': most.bytes,
      'most updates': most.updates,
      limit,
      slack,
      'snapshots given': given,
    });
    await nodes[2]!.write('after', 'x');
    await sameDigest(nodes);
    await until('the log shrinks again', async () => {
      const states = await inspectAll();
      return states.every(({ log }) => log.bytes <= limit / 4);
    });
  });
});
