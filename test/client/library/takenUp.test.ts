import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { NodeClient } from '../../../src/client/nodeClient.js';
import { startCluster, type TestCluster } from '../../../src/testing/index.js';

/* Nodes stand still with requests in their hands: what they do with them when they go on is the point. */

let cluster: TestCluster;
let client: KvcClient;

beforeEach(async () => {
  cluster = await startCluster({ nodes: 3 });
  client = await cluster.connect();
  // Known as one that says what it takes up, and asked first.
  await client.set('before', 1, { node: 'node1' });
  await client.session('new').get('before');
});
afterEach(() => cluster.close());

const clockOf = async (node: string) => (await cluster.inspect(node)).clock;

it.each([
  ['a value', (by: KvcClient) => by.set('a', 1)],
  ['a change of a counter', (by: KvcClient) => by.increment('a')],
])(
  '%s goes to another node where one stands still, which does not write it when it goes on',
  async (_, write) => {
    const { node: asked } = await client.set('c', 1);
    // Else the others would wait for what only the one that stands still has.
    await cluster.converged();
    await cluster.pause(asked);
    const { node } = await write(client);
    expect(node).not.toBe(asked);
    const before = await clockOf(node);
    await cluster.resume(asked);
    await cluster.converged();
    expect(await clockOf(asked)).toEqual(before);
    expect(await client.get('a')).toMatchObject({ value: 1, siblings: [] });
  },
);

it('a definite refusal of another node is told as such although one stood still before', async () => {
  await client.set('a', 1);
  const { node: asked } = await client.set('c', 1);
  await cluster.converged();
  await cluster.pause(asked);
  await expect(client.set('a', 2, { create: true })).rejects.toMatchObject({
    code: 'KVC_E_CONDITION_FAILED',
    definite: true,
    facts: { attempts: [{ node: asked }, { code: 'KVC_E_CONDITION_FAILED' }] },
  });
});

it('a node that told its time late is not given more time than the attempt has', async () => {
  const asked: { request: IncomingMessage; atMs: number }[] = [];
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') return void asked.push({ request, atMs: Date.now() });
    // All of the time that it takes passes before it looks at its clock.
    void sleep(200).then(() => {
      response.writeProcessing();
      const body = {
        node: 'late',
        instance: 'x',
        cluster_id: 'c1',
        status: 'ready',
        time_ms: Date.now(),
        reason: null,
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  await using late = await connect({ nodes: [`http://127.0.0.1:${port}`], timeout: 10_000 });
  await expect(late.set('a', 1, { timeout: 2000 })).rejects.toMatchObject({ facts: { taken_up: false } });
  const [first] = asked;
  expect(first, 'it was asked').toBeDefined();
  const acceptByMs = Number(first?.request.headers['kvc-accept-by']);
  expect(acceptByMs).toBeLessThan((first?.atMs ?? 0) + 2000);
});

it('a node says that it takes a write up before it does, and refuses one for which it is too late', async () => {
  const [{ name, url }] = cluster.nodes as [TestCluster['nodes'][number]];
  const node = new NodeClient({ name, url });
  const said: string[] = [];
  const acceptBy = (ms: number) => ({ ms, onTakenUp: () => said.push('taken up') });
  const write = { key: 'late', value: 'x' };
  await node.batch([write], { acceptBy: acceptBy(Date.now() + 1000) });
  expect(said).toEqual(['taken up']);
  await expect(node.batch([write], { acceptBy: acceptBy(Date.now() - 10) })).rejects.toMatchObject({
    code: 'KVC_E_TOO_LATE',
    facts: { now_ms: expect.any(Number) as number },
  });
  expect(said).toHaveLength(1);
  await expect(node.batch([write], { acceptBy: acceptBy(NaN) })).rejects.toMatchObject({
    code: 'KVC_E_BAD_REQUEST',
  });
});
