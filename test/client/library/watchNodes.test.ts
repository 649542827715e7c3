import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient, type WatchEvent } from '../../../src/index.js';
import { TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let client: KvcClient;

beforeEach(async () => {
  nodes = await TestNodes.start();
  client = await connect({ nodes: nodes.nodes.map(({ url }) => url) });
});
afterEach(async () => {
  await client.close();
  await nodes.stop();
});

/** Watches until told to stop. */
function collect(events: AsyncIterable<WatchEvent>, controller: AbortController) {
  const taken: WatchEvent[] = [];
  const ended = (async () => {
    for await (const event of events) taken.push(event);
  })().catch((error: unknown) => error);
  const stop = () => {
    controller.abort();
    return ended;
  };
  return { taken, stop };
}

const changes = (events: readonly WatchEvent[]) => events.filter((event) => event.kind === 'change');

describe('a watch of real nodes', () => {
  it('tells of every kind of write, and the session has seen it then', async () => {
    const controller = new AbortController();
    const { taken, stop } = collect(client.watch('k', { signal: controller.signal }), controller);
    await until('it is ready', () => taken.some(({ kind }) => kind === 'ready'));
    const writer = client.session();
    const { dot } = await writer
      .batch()
      .set('k1', { a: 1 }, { ttlMs: 60_000 })
      .increment('k2', 3)
      .add('k3', ['m'])
      .delete('k4')
      .set('other', 1)
      .commit();
    await until('it is told', () => changes(taken).length === 1);
    expect(changes(taken)[0]).toMatchObject({
      dot,
      writes: [
        { key: 'k1', kind: 'put', value: { a: 1 }, expiresAt: expect.any(Number) as unknown },
        { key: 'k2', kind: 'increment', amount: 3 },
        { key: 'k3', kind: 'add', member: 'm' },
        { key: 'k4', kind: 'delete' },
      ],
    });
    expect(client.token).toBe(writer.token);
    expect(await stop()).toMatchObject({ code: 'KVC_E_ABORTED' });
  });

  it('misses nothing when its node dies: it goes on at another one', async () => {
    const controller = new AbortController();
    const { taken, stop } = collect(client.watch('', { from: 'new', signal: controller.signal }), controller);
    const writer = client.session();
    for (let at = 1; at <= 20; at += 1) await writer.set('k', at, { node: 'node3' });
    await until('some are told', () => changes(taken).length >= 10);
    await nodes.converged();
    const [first] = taken;
    await nodes.node(Number(first?.node.slice(-1))).close();
    const alive = nodes.nodes.find(({ name }) => name !== first?.node)?.name ?? '';
    for (let at = 21; at <= 40; at += 1) await writer.set('k', at, { node: alive });
    const told = () => [...new Set(changes(taken).map(({ dot }) => `${dot.node}:${dot.counter}`))];
    await until('all are told', () => told().length === 40);
    const values = changes(taken).flatMap(({ writes }) =>
      writes.map((write) => 'value' in write && write.value),
    );
    expect([...new Set(values)]).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    await stop();
  });

  it('goes on from a token that another node gave', async () => {
    await client.set('k', 1, { node: 'node1' });
    const { token } = client;
    await client.set('k', 2, { node: 'node1' });
    for await (const event of client.watch('', { from: token, node: 'node2' })) {
      if (event.kind !== 'change') continue;
      expect(event).toMatchObject({ node: 'node2', writes: [{ key: 'k', value: 2 }] });
      break;
    }
    await expect(async () => {
      for await (const event of client.watch('', { from: 'kvc1.other.' })) expect(event).toBeUndefined();
    }).rejects.toMatchObject({ code: 'KVC_E_TOKEN_FOREIGN' });
  });
});
