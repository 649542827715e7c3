import { createStorage } from 'unstorage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../src/index.js';
import { kvcDriver } from '../../src/unstorage/index.js';
import { TestNodes } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;
let client: KvcClient;
let seen: string[];

beforeEach(async () => {
  nodes = await TestNodes.start({ durable: true });
  client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
  seen = [];
});
afterEach(async () => {
  await client.close();
  await nodes.stop();
});

const note = (event: string, key: string): void => void seen.push(`${event} ${key}`);
const sees = (...expected: string[]) =>
  until(`${expected.join()} are told`, () => expected.every((each) => seen.includes(each)));

async function toItsEnd(events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) expect(event).toBeDefined();
}

describe('watch', () => {
  it('tells what anybody does, from when it has begun', async () => {
    await client.set('app:old', 1);
    const storage = createStorage({ driver: kvcDriver({ client, base: 'app' }) });
    const unwatch = await storage.watch(note);
    await client.session().set('app:theirs', 1, { node: 'node2' });
    await storage.setItem('ours:deep', 1);
    await storage.setItems([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]);
    await client.increment('app:hits');
    await storage.removeItem('old');
    await client.set('other', 1);
    await storage.setItem('short', 1, { ttl: 0.05 });
    await sees('update theirs', 'update ours:deep', 'update a', 'update b', 'update hits', 'remove old');
    await sees('update short', 'remove short');
    expect(seen).toHaveLength(8);
    await unwatch();
    await storage.setItem('later', 1);
    const again = await storage.watch(note);
    await storage.setItem('last', 1);
    await sees('update last');
    expect(seen).not.toContain('update later');
    await again();
  });

  it('goes on when no node has served it for a while, with what happened meanwhile', async () => {
    const only = await connect({ nodes: [nodes.node(1).url], timeout: 100 });
    const storage = createStorage({ driver: kvcDriver({ client: only, base: 'app' }) });
    await storage.watch(note);
    await storage.setItem('before', 1);
    await sees('update before');
    const watchOfClient = toItsEnd(only.watch('app:'));
    await nodes.node(1).close();
    await client.set('app:meanwhile', 1, { node: 'node2' });
    // It began later than that of the storage, and has no more patience.
    await expect(watchOfClient).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    await nodes.node(1).open();
    await sees('update meanwhile');
    expect(seen).toEqual(['update before', 'update meanwhile']);
    await only.close();
  });

  it('ends with the storage', async () => {
    const storage = createStorage({ driver: kvcDriver({ client }) });
    await storage.watch(note);
    await storage.dispose();
    await client.set('a', 1);
    const other = createStorage({ driver: kvcDriver({ client }) });
    await other.watch(note);
    await client.set('b', 1);
    await sees('update b');
    expect(seen).toEqual(['update b']);
    await other.dispose();
  });

  it('is refused where there is no cluster', async () => {
    await nodes.stop();
    const driver = kvcDriver({ nodes: [nodes.node(1).url], timeout: 50 });
    const failure = { code: 'KVC_E_NODE_UNREACHABLE' };
    await expect(createStorage({ driver }).watch(note)).rejects.toMatchObject(failure);
    await driver.dispose();
  });
});
