import { describe, expect, it } from 'vitest';
import { listKeys } from '../../src/cli/listKeys.js';
import type { ListOptions, NodeClient } from '../../src/client/nodeClient.js';

/** Serves `count` keys in pages, and gives out the number of the page as its session. */
function nodeWith(count: number): { node: NodeClient; asked: ListOptions[] } {
  const asked: ListOptions[] = [];
  const list = (options: ListOptions) => {
    asked.push(options);
    const first = Number(options.cursor ?? 0);
    const last = Math.min(count, first + (options.limit ?? 0));
    const keys = Array.from({ length: last - first }, (_, index) => ({
      key: `k${first + index}`,
      dot: { node: 'node1', counter: 1 },
      siblings: 0,
    }));
    const cursor = last < count ? String(last) : null;
    return Promise.resolve({ keys, cursor, clock: {}, session: `page${asked.length}` });
  };
  return { node: { list } as unknown as NodeClient, asked };
}

describe('listKeys', () => {
  it('goes on page by page up to the limit, and says that there are more', async () => {
    const { node, asked } = nodeWith(3000);
    const listing = await listKeys(node, { prefix: 'k', limit: 2500 }, {});
    expect(listing.keys).toHaveLength(2500);
    expect(listing.more).toBe(true);
    expect(asked.map(({ limit }) => limit)).toEqual([1000, 1000, 500]);
  });

  it('ends with the keys', async () => {
    const listing = await listKeys(nodeWith(3).node, { prefix: '', limit: 100 }, {});
    expect(listing.keys.map(({ key }) => key)).toEqual(['k0', 'k1', 'k2']);
    expect(listing.more).toBe(false);
  });

  it('hands what one page has shown to the next, in a session only', async () => {
    const withSession = nodeWith(2000);
    await listKeys(withSession.node, { prefix: '', limit: 2000 }, { session: 'new' });
    expect(withSession.asked.map(({ session }) => session)).toEqual(['new', 'page1']);
    const without = nodeWith(2000);
    await listKeys(without.node, { prefix: '', limit: 2000 }, {});
    expect(without.asked.map(({ session }) => session)).toEqual([undefined, undefined]);
  });
});
