import { expect, it, onTestFinished } from 'vitest';
import { TestNodes, type TestNodesOptions } from '../support/testNodes.js';
import { until } from '../support/until.js';
import { Watching } from '../support/watching.js';

async function start(options: TestNodesOptions): Promise<TestNodes> {
  const nodes = await TestNodes.start(options);
  onTestFinished(() => nodes.stop());
  return nodes;
}

/** Nodes that keep nothing in the log of what all of them have. */
function startForgetful(options: TestNodesOptions = {}): Promise<TestNodes> {
  return start({ ...options, limits: { logKeptBytes: 0 } });
}

async function forgotten(nodes: TestNodes): Promise<void> {
  await until('the logs are empty', async () => {
    const states = await Promise.all(nodes.nodes.map((node) => node.client.inspect()));
    return states.every(({ log }) => log.updates === 0);
  });
}

it('tells what it missed where the log no longer has it, then the state, then goes on', async () => {
  const nodes = await startForgetful();
  const [first, second] = [nodes.node(1), nodes.node(2)];
  const { cursor } = await new Watching(first, { from: 'new' }).ready();
  await first.client.write('a', 'old');
  await first.client.write('ab', 'kept');
  await first.client.write('b', 'not of the prefix');
  await first.client.write('a', 'new');
  await nodes.converged();
  await second.client.write('ac', 'x');
  await second.client.remove('ac');
  await second.client.write('a', 'newest', { session: 'new' });
  await nodes.converged();
  await forgotten(nodes);
  const watching = await new Watching(nodes.node(3), { from: cursor, prefix: 'a' }).ready();
  await first.client.write('ad', 'live');
  await watching.changed(1);
  expect(watching.kinds).toEqual(['gap', 'state', 'state', 'ready', 'change']);
  expect(watching.events[0]!.data).toEqual({ missed: { node1: [1, 4], node2: [1, 3] } });
  expect(watching.states).toEqual([
    {
      key: 'a',
      value: 'newest',
      dot: { node: 'node2', counter: 3 },
      siblings: [{ value: 'new', dot: { node: 'node1', counter: 4 } }],
    },
    { key: 'ab', value: 'kept', dot: { node: 'node1', counter: 2 }, siblings: [] },
  ]);
  expect(watching.dots).toEqual(['node1:5']);
});

it('tells a counter or set as a whole', async () => {
  const nodes = await startForgetful({ count: 1 });
  const node = nodes.node(1);
  for (const write of [
    { key: 'n', increment: 2 },
    { key: 'n', increment: 3 },
    { key: 's', add: 'x' },
  ]) {
    await node.call('POST', '/batch', { body: { writes: [write] } });
  }
  await forgotten(nodes);
  const watching = await new Watching(node, { from: 'new' }).ready();
  expect(watching.states).toMatchObject([
    { key: 'n', value: '5', type: 'counter' },
    { key: 's', value: '["x"]', type: 'set' },
  ]);
});

it('goes on behind the state with the cursor of the `ready` that ends it', async () => {
  const nodes = await startForgetful({ count: 1 });
  const node = nodes.node(1);
  for (let n = 0; n < 5; n += 1) await node.client.write(`k${n}`, 'x');
  await forgotten(nodes);
  const { cursor } = await new Watching(node, { from: 'new' }).ready();
  const again = await new Watching(node, { from: cursor }).ready();
  expect(again.kinds).toEqual(['ready']);
});

it('has no cursor within the state: who did not get all of it begins with the gap again', async () => {
  const nodes = await startForgetful({ count: 1 });
  const node = nodes.node(1);
  for (let n = 0; n < 500; n += 1) await node.client.write(`k${n}`, 'x'.repeat(1000));
  await forgotten(nodes);
  const watching = new Watching(node, { from: 'new' });
  await watching.until('some state', () => watching.states.length > 0);
  const within = watching.kinds.includes('ready') ? undefined : watching.cursor;
  await watching.stop();
  // It may all have come in one piece.
  expect([undefined, 'new']).toContain(within);
  const whole = await new Watching(node, { from: 'new' }).ready();
  expect(whole.states).toHaveLength(500);
});

it('goes on from the log as far back as that is kept although every node has it', async () => {
  const nodes = await start({ count: 2, limits: { logKeptBytes: 1_000_000 } });
  for (let n = 1; n <= 10; n += 1) await nodes.node(1).client.write(`k${n}`, 'x'.repeat(300_000));
  await until('the log is as short as it gets', async () => {
    const { log } = await nodes.node(2).client.inspect();
    return log.updates === 3;
  });
  const watching = await new Watching(nodes.node(2), { from: 'kvc1.c0ffee.node1:7' }).ready();
  expect(watching.dots).toEqual(['node1:8', 'node1:9', 'node1:10']);
  expect(watching.kinds).not.toContain('gap');
  const behind = await new Watching(nodes.node(2), { from: 'kvc1.c0ffee.node1:6' }).ready();
  expect(behind.kinds[0]).toBe('gap');
});

it('ends where its node takes over a snapshot, and has a gap there when it goes on', async () => {
  const mib = 1024 * 1024;
  const nodes = await start({ durable: true, count: 2, limits: { logBytesMax: mib, logKeptBytes: 0 } });
  const [first, second] = [nodes.node(1), nodes.node(2)];
  await first.client.write('k0', 'x');
  await nodes.converged();
  const watching = await new Watching(second).ready();
  await first.addFaults([{ kind: 'partition', target: 'node2' }]);
  for (let n = 1; n <= 4; n += 1) await first.client.write(`k${n}`, 'x'.repeat(mib / 2));
  await until('the log is short', async () => (await first.client.inspect()).log.updates < 4);
  await first.call('DELETE', '/faults');
  expect(await watching.failed()).toMatchObject({
    code: 'KVC_E_NOT_READY',
    message: expect.stringContaining('snapshot') as string,
  });
  const again = await until('it goes on', async () =>
    new Watching(second, { from: watching.cursor, prefix: 'k' }).ready(),
  );
  expect(again.kinds.slice(0, 2)).toEqual(['gap', 'state']);
  expect(again.states.map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
});
