import { expect } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import type { Acknowledged } from './writeStorm.js';
import { until } from './until.js';

const pageKeys = 1000;

/** What one node has delivered, and a checksum of what clients can read there. */
interface Summary {
  readonly clock: string;
  readonly digest: string;
}

/** Awaits that all nodes have delivered the same updates. */
export async function level(nodes: readonly NodeClient[], withinMs = 20_000): Promise<void> {
  await until(
    'all nodes have the same clock, and nothing is pending',
    async () => {
      const states = await Promise.all(nodes.map((node) => node.inspect()));
      const clocks = new Set(states.map(({ clock }) => JSON.stringify(clock)));
      return clocks.size === 1 && states.every(({ pending_total }) => pending_total === 0);
    },
    withinMs,
  );
}

/**
 * Awaits that all nodes have delivered the same updates, and asserts that then clients can read the same at all of them.
 * @returns how long it took, in ms
 */
export async function sameDigest(nodes: readonly NodeClient[], withinMs = 20_000): Promise<number> {
  const beganMs = performance.now();
  await level(nodes, withinMs);
  const [first, ...others] = await summariesAtOneClock(nodes);
  const tookMs = performance.now() - beganMs;
  for (const other of others) expect(other).toEqual(first);
  return tookMs;
}

/** Each node drops a replica that left from its clock in its own time: summaries that differ in that only are taken again. */
async function summariesAtOneClock(nodes: readonly NodeClient[]): Promise<Summary[]> {
  let summaries: Summary[] = [];
  await until('the summaries are of one clock', async () => {
    summaries = await Promise.all(nodes.map(summaryOf));
    return new Set(summaries.map(({ clock }) => clock)).size === 1;
  });
  return summaries;
}

async function summaryOf(node: NodeClient): Promise<Summary> {
  const { clock, digest } = await node.digest({ requestTimeoutMs: 30_000 });
  return { clock: JSON.stringify(clock), digest };
}

/** Asserts that no two acknowledgements bear the same dot. */
export function expectDotsUnique(acknowledged: readonly Acknowledged[]): void {
  const dots = acknowledged.map(({ dot }) => dot);
  expect(new Set(dots).size, 'no dot is given twice').toBe(dots.length);
}

/** Asserts that every acknowledged write is readable at every node, under the dot that it was acknowledged with. */
export async function expectReadableEverywhere(
  nodes: readonly NodeClient[],
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  for (const node of nodes) {
    const wrong: string[] = [];
    for (let start = 0; start < acknowledged.length; start += pageKeys) {
      const page = acknowledged.slice(start, start + pageKeys);
      const { entries } = await node.readMany(page.map(({ key }) => key));
      entries.forEach(({ value, dot }, index) => {
        const expected = page[index];
        const found = dot === null ? 'nothing' : `${dot.node}:${dot.counter}`;
        if (value !== expected?.value || found !== expected.dot) {
          wrong.push(`${String(expected?.key)}: ${found} instead of ${String(expected?.dot)}`);
        }
      });
    }
    expect(wrong.slice(0, 10), `${wrong.length} wrong at ${node.name}`).toEqual([]);
  }
}

/** Asserts that all nodes hold the same keys with the same winners and sibling counts. */
export async function expectSameKeys(nodes: readonly NodeClient[]): Promise<void> {
  const [first, ...others] = await Promise.all(nodes.map(allKeys));
  for (const other of others) expect(other).toEqual(first);
}

/** Every key with the dot of its winner and how many siblings that has: `KEY node1:7 0`. */
export async function allKeys(node: NodeClient): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<NodeClient['list']>> = await node.list({
      limit: pageKeys,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { key, dot, siblings } of page.keys)
      keys.push(`${key} ${dot.node}:${dot.counter} ${siblings}`);
    cursor = page.cursor;
  } while (cursor !== null);
  return keys;
}
