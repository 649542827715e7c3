import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, KvcError, type KvcClient } from '../../../src/index.js';
import { startHungServer, type HungServer } from '../../support/hungServer.js';
import { Forwarder } from '../../support/forwarder.js';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let client: KvcClient;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  nodes = await TestNodes.start();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await nodes.stop();
});

async function connectTo(urls: readonly string[], timeout = 3000): Promise<KvcClient> {
  const connected = await connect({ nodes: urls, timeout });
  closing.push(() => connected.close());
  return connected;
}

async function forwarderTo(number: number): Promise<Forwarder> {
  const forwarder = await Forwarder.start(nodes.node(number));
  closing.push(() => forwarder.stop());
  return forwarder;
}

async function hungServer(): Promise<HungServer> {
  const hung = await startHungServer();
  closing.push(hung.stop);
  return hung;
}

const urls = () => nodes.nodes.map(({ url }) => url);

async function failureOf(promise: Promise<unknown>): Promise<KvcError> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof KvcError) return outcome;
  throw new Error(`did not fail: ${JSON.stringify(outcome)}`);
}

describe('a client whose node', () => {
  it('is dead goes on at another one, and stays there', async () => {
    client = await connectTo(urls());
    const { node } = await client.set('a', 1);
    await nodes.converged();
    await nodes.node(Number(node.slice(-1))).close();
    const read = await client.get('a');
    expect(read).toMatchObject({ value: 1 });
    expect(read.node).not.toBe(node);
    expect((await client.set('a', 2)).node).toBe(read.node);
  });

  it('takes requests and never answers is left within the deadline, and not asked again by the next call', async () => {
    const first = await forwarderTo(1);
    client = await connectTo([first.url, nodes.node(2).url]);
    expect((await client.set('a', 1)).node).toBe('node1');
    await nodes.converged();
    first.passage = () => 'hang';
    const beganMs = performance.now();
    expect(await client.get('a')).toMatchObject({ value: 1, node: 'node2' });
    expect(performance.now() - beganMs).toBeLessThan(2500);
    const asked = first.seen.length;
    for (let turn = 0; turn < 5; turn += 1) await client.set('a', turn);
    expect(first.seen).toHaveLength(asked);
  });

  it('never answered from the start is no hindrance, and gets its name when it answers', async () => {
    const hung = await hungServer();
    client = await connectTo([hung.url, nodes.node(2).url]);
    expect(await client.set('a', 1)).toMatchObject({ node: 'node2' });
    await expect(client.get('a', { node: 'node1', timeout: 100 })).rejects.toMatchObject({
      code: 'KVC_E_NODE_DOWN',
    });
    expect(hung.connections()).toBeGreaterThan(0);
  });

  it('was not there when the client connected is asked when it is', async () => {
    await nodes.node(1).close();
    client = await connectTo(urls());
    expect((await client.set('a', 1)).node).not.toBe('node1');
    await nodes.node(1).open();
    expect(await client.get('a', { node: 'node1' })).toMatchObject({ node: 'node1' });
  });

  it('is behind is left for one that is not', async () => {
    await nodes.holdAll();
    client = await connectTo([nodes.node(2).url, nodes.node(1).url]);
    await client.at('node1').set('a', 1);
    await client.session('new').get('b', { node: 'node2' });
    const fresh = await connectTo([nodes.node(2).url, nodes.node(1).url]);
    fresh.advance(client.token);
    expect(await fresh.get('a')).toMatchObject({ value: 1, node: 'node1' });
  });

  it('is killed during the call and comes back is found again', async () => {
    client = await connectTo([nodes.node(1).url], 10_000);
    await nodes.node(1).close();
    const reading = client.get('a');
    await nodes.node(1).open();
    expect(await reading).toMatchObject({ node: 'node1' });
  });

  it('lets go of a kept connection while nobody uses it does not fail the next call', async () => {
    const first = await forwarderTo(1);
    client = await connectTo([first.url]);
    await client.set('a', 1);
    let losses = 1;
    first.passage = () => (losses-- > 0 ? 'lose request' : 'pass');
    expect(await client.get('a')).toMatchObject({ value: 1 });
    losses = 1;
    expect(await client.set('a', 2)).toMatchObject({ node: 'node1', dot: { node: 'node1', counter: 2 } });
  });
});

describe('when no node does it', () => {
  it('a call says that all are behind, what they lack and which were asked', async () => {
    await nodes.holdAll();
    const { session } = await nodes.node(1).client.write('a', 'x', { session: 'new' });
    client = await connectTo([nodes.node(2).url, nodes.node(3).url], 3000);
    client.advance(session);
    // Both begin to be awaited at once: either may fail first.
    const failures = await Promise.all([client.get('a'), client.set('b', 1)].map(failureOf));
    for (const { code, facts, definite, retryable } of failures) {
      expect({ code, definite, retryable }).toEqual({
        code: 'KVC_E_DEPS_TIMEOUT',
        definite: true,
        retryable: true,
      });
      expect(facts['missing']).toEqual([{ node: 'node1', counter: 1 }]);
      expect(facts['node']).toMatch(/node[23]/);
      expect(facts['attempts']).toEqual(
        expect.arrayContaining([
          { node: 'node2', code: 'KVC_E_DEPS_TIMEOUT' },
          { node: 'node3', code: 'KVC_E_DEPS_TIMEOUT' },
        ]),
      );
    }
    await nodes.healAll();
    await nodes.converged();
    expect(await nodes.node(2).client.read('b'), 'what failed definitely never happens').toMatchObject({
      dot: null,
    });
  });

  it('a write that one of them may have done fails indefinitely', async () => {
    await nodes.holdAll();
    const { session } = await nodes.node(1).client.write('a', 'x', { session: 'new' });
    const third = await forwarderTo(3);
    client = await connectTo([third.url, nodes.node(2).url], 3000);
    client.advance(session);
    third.passage = () => 'hang';
    expect(await failureOf(client.set('b', 1))).toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      definite: false,
    });
    expect(await failureOf(client.get('b'))).toMatchObject({ code: 'KVC_E_DEPS_TIMEOUT' });
  });

  it('a call to nodes that are all dead fails definitely within its deadline', async () => {
    client = await connectTo(urls());
    await nodes.stop();
    const beganMs = performance.now();
    const error = await failureOf(client.set('a', 1, { timeout: 500 }));
    expect(performance.now() - beganMs).toBeLessThan(1500);
    expect(error).toMatchObject({ code: 'KVC_E_NODE_DOWN', definite: true, retryable: true });
  });

  it('what every node would refuse is refused at once', async () => {
    client = await connectTo(urls());
    const error = await failureOf(client.set('a', 1, { replicas: 4 }));
    expect(error).toMatchObject({ code: 'KVC_E_STATE_CONFLICT', definite: true });
    expect(error.facts['attempts']).toHaveLength(1);
  });
});

describe('connect', () => {
  it('says that nobody answers', async () => {
    const hung = await hungServer();
    await nodes.stop();
    await expect(connect({ nodes: [hung.url, ...urls()], timeout: 300 })).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringContaining('refused the connection') as unknown,
    });
  });

  it('refuses nodes of different clusters', async () => {
    const other = await Forwarder.start(nodes.node(1));
    closing.push(() => other.stop());
    const { createServer } = await import('node:http');
    const stranger = createServer((_, response) => {
      const health = { node: 'node1', instance: 'i', cluster_id: 'other', status: 'ready', reason: null };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(health));
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      stranger.closeAllConnections();
      await new Promise((resolve) => stranger.close(resolve));
    });
    const { port } = stranger.address() as { port: number };
    await expect(connect({ nodes: [...urls(), `http://127.0.0.1:${port}`] })).rejects.toMatchObject({
      code: 'KVC_E_CLUSTER_FOREIGN',
    });
  });

  it.each([
    { nodes: [] },
    { nodes: ['127.0.0.1:7101'] },
    { nodes: ['http://127.0.0.1:7101/x'] },
    { nodes: ['https://127.0.0.1:7101'] },
    { nodes: ['http://127.0.0.1:7101'], timeout: 0 },
    { nodes: [1] as unknown as string[] },
    {},
  ])('refuses %j', async (options) => {
    await expect(connect(options)).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });

  it('finds the nodes in the environment', async () => {
    process.env['KVC_NODES'] = urls().join(', ');
    try {
      await using found = await connect();
      expect((await found.get('a')).node).toMatch(/^node/);
    } finally {
      delete process.env['KVC_NODES'];
    }
  });
});
