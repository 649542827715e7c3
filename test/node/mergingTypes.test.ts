import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchResponseJson, BatchWriteJson, ReadEntryJson } from '../../src/protocol/api.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';

let nodes: TestNodes;
let node1: TestNode;
let node2: TestNode;
let node3: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start();
  node1 = nodes.node(1);
  node2 = nodes.node(2);
  node3 = nodes.node(3);
});
afterEach(() => nodes.stop());

const increment = (amount: number, key = 'n'): BatchWriteJson => ({ key, increment: amount });
const add = (member: string, key = 's'): BatchWriteJson => ({ key, add: member });
const remove = (member: string, key = 's'): BatchWriteJson => ({ key, remove: member });
const set = (...members: string[]) => ({
  value: JSON.stringify(members),
  type: 'set',
  members: members.map((value) => ({ value })),
});
const counter = (count: number) => ({ value: String(count), type: 'counter' });

/** What all nodes hold of a key, once they have the same. */
async function everywhere(key: string): Promise<Omit<ReadEntryJson, 'key' | 'dot'>> {
  await nodes.healAll();
  await nodes.converged();
  const reads = await Promise.all(nodes.nodes.map(({ client }) => client.read(key)));
  const [first, ...others] = reads.map(({ value, type, members, dot, siblings }) => ({
    value,
    ...(type === undefined ? {} : { type }),
    ...(members === undefined ? {} : { members }),
    // Nodes forget a tombstone, and with it its dot, at different times.
    ...(value === null ? {} : { dot }),
    siblings,
  }));
  for (const other of others) expect(other).toEqual(first);
  const digests = await Promise.all(nodes.nodes.map(({ client }) => client.digest()));
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(1);
  return first!;
}

describe('a counter', () => {
  it('begins where nothing is, and the answer to a change says what it is then', async () => {
    expect(await node1.client.change([increment(5)])).toMatchObject({
      key: 'n',
      ...counter(5),
      dot: { node: 'node1', counter: 1 },
    });
    expect(await node1.client.change([increment(-7)])).toMatchObject(counter(-2));
    expect(await node1.client.read('n')).toMatchObject({ ...counter(-2), siblings: [] });
    expect(await node1.client.list()).toMatchObject({ keys: [{ key: 'n', siblings: 0 }] });
  });

  it('adds up what nodes that are cut off from each other counted', async () => {
    await nodes.holdAll();
    for (const [index, { client }] of nodes.nodes.entries()) {
      await client.change([increment(10 ** index)]);
      await client.change([increment(10 ** index)]);
    }
    expect(await node3.client.read('n'), 'what it knows of').toMatchObject(counter(200));
    expect(await everywhere('n')).toMatchObject({ ...counter(222), siblings: [] });
    expect((await node1.client.inspect()).conflicts).toBe(0);
  });

  it('counts every increment of many at once', async () => {
    const clients = Array.from({ length: 60 }, (_, index) => nodes.nodes[index % 3]!.client);
    await Promise.all(clients.map((client) => client.change([increment(1)])));
    expect(await everywhere('n')).toMatchObject(counter(60));
  });

  it('gives way to a write or delete of the key that did not see it', async () => {
    await node1.client.change([increment(5, 'deleted')]);
    await node1.client.change([increment(5, 'written')]);
    await nodes.converged();
    await nodes.holdAll();
    await node1.client.change([increment(1, 'deleted')]);
    await node1.client.change([increment(1, 'written')]);
    await node2.client.remove('deleted');
    await node2.client.write('written', 'x');
    expect(await everywhere('deleted')).toMatchObject({ value: null, siblings: [] });
    expect(await everywhere('written')).toMatchObject({ value: 'x', siblings: [] });
    await node3.client.change([increment(2, 'deleted')]);
    expect(await everywhere('deleted'), 'a new count').toMatchObject(counter(2));
  });

  it('is not counted twice when its request is sent again to the same node', async () => {
    const body = { writes: [increment(1)] };
    const madeAtMs = Date.now();
    const send = (rest: string) =>
      node1.call('POST', '/batch', { body, headers: { 'kvc-request-id': `${madeAtMs}-${rest}` } });
    const answers = await Promise.all([send('a'), send('a'), send('a')]);
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({ status: 200, body: { writes: [counter(1)] } });
    }
    expect((await send('b')).status).toBe(200);
    expect(await node1.client.read('n'), 'one with another id counts').toMatchObject(counter(2));
  });

  it('stays within what a number holds exactly', async () => {
    await node1.client.change([increment(Number.MAX_SAFE_INTEGER)]);
    const answer = await node1.call('POST', '/batch', { body: { writes: [increment(1)] } });
    expect(answer).toMatchObject({
      status: 409,
      body: { error: { code: 'KVC_E_COUNTER_RANGE', key: 'n', count: Number.MAX_SAFE_INTEGER } },
    });
    expect(await node1.client.change([increment(-1)])).toMatchObject(counter(Number.MAX_SAFE_INTEGER - 1));
  });
});

describe('a set', () => {
  it('has each member once, in the order of their bytes', async () => {
    const answer = await node1.client.batch([add('b'), add('a'), add('b'), add('é')]);
    expect(answer.writes.at(-1)).toEqual({ key: 's', ...set('a', 'b', 'é') });
    expect(answer.writes.slice(0, -1), 'told once').toEqual([{ key: 's' }, { key: 's' }, { key: 's' }]);
    expect(await node1.client.change([remove('b'), remove('nobody')])).toMatchObject(set('a', 'é'));
    expect(await everywhere('s')).toMatchObject({ ...set('a', 'é'), siblings: [] });
  });

  it('that is large is told no more than an answer can hold, however many a batch changes', async () => {
    const members = Array.from({ length: 900 }, (_, index) => `${index}`.padStart(1000, 'x'));
    const keys = Array.from({ length: 12 }, (_, index) => `large${index}`);
    for (const key of keys) await node1.client.batch(members.map((member) => add(member, key)));
    const { writes } = await node1.client.batch(keys.map((key) => add('one more', key)));
    expect(writes.map(({ key }) => key)).toEqual(keys);
    expect(writes[0]?.members).toHaveLength(901);
    expect(writes.at(-1)).toEqual({ key: 'large11' });
    expect((await node1.client.read('large11')).members).toHaveLength(901);
  });

  it('that has lost its last member is no value, and begins again', async () => {
    await node1.client.change([add('a')]);
    expect(await node1.client.change([remove('a')])).toMatchObject({ value: null });
    expect((await node1.call('GET', '/read?key=s')).status).toBe(404);
    expect(await node1.client.list()).toMatchObject({ keys: [] });
    expect(await node1.client.change([add('b')])).toMatchObject(set('b'));
  });

  it('keeps what was added concurrently with a removal, a delete or a write', async () => {
    for (const key of ['removed', 'deleted', 'written']) await node1.client.change([add('a', key)]);
    await nodes.converged();
    await nodes.holdAll();
    for (const key of ['removed', 'deleted', 'written']) await node1.client.change([add('a', key)]);
    await node2.client.change([remove('a', 'removed')]);
    await node2.client.remove('deleted');
    await node2.client.write('written', 'x');
    expect(await everywhere('removed')).toMatchObject({ ...set('a'), siblings: [] });
    expect(await everywhere('deleted')).toMatchObject({ ...set('a'), siblings: [] });
    const { value, siblings } = await everywhere('written');
    expect([value, ...siblings.map((each) => each.value)].sort(), 'a conflict').toEqual(['["a"]', 'x']);
  });

  it('beside a concurrent counter is a conflict', async () => {
    await nodes.holdAll();
    await node1.client.change([add('a', 'k')]);
    await node2.client.change([increment(2, 'k')]);
    const { type, siblings } = await everywhere('k');
    expect([type, ...siblings.map((each) => each.type)].sort()).toEqual(['counter', 'set']);
  });

  it('has members that are no text', async () => {
    const bytes = { value: '/w==', encoding: 'base64' } as const;
    const written = await node1.client.change([
      { key: 's', add: bytes.value, encoding: bytes.encoding },
      add('a'),
    ]);
    expect(written).toMatchObject({ type: 'set', members: [{ value: 'a' }, bytes] });
    const removal = { key: 's', remove: bytes.value, encoding: bytes.encoding };
    expect(await node1.client.change([removal])).toMatchObject(set('a'));
  });
});

describe('a batch', () => {
  it('may change values, counters and sets at once, each seen by those after it', async () => {
    const writes: BatchWriteJson[] = [
      { key: 'v', value: '1' },
      increment(2),
      increment(3),
      add('a'),
      { key: 'v', delete: true },
      increment(1, 'v'),
    ];
    const { writes: left } = await node1.client.batch(writes);
    expect(left.map(({ key }) => key)).toEqual(['v', 'n', 'n', 's', 'v', 'v']);
    expect(left.at(-1)).toEqual({ key: 'v', ...counter(1) });
    expect(await everywhere('n')).toMatchObject(counter(5));
  });

  it('of which one part does not fit does nothing', async () => {
    await node1.client.write('v', 'text');
    const answer = await node1.call('POST', '/batch', { body: { writes: [add('a'), increment(1, 'v')] } });
    expect(answer).toMatchObject({
      status: 409,
      body: { error: { code: 'KVC_E_TYPE_MISMATCH', key: 'v', type: 'value', wanted: 'counter' } },
    });
    expect(await node1.client.read('s')).toMatchObject({ value: null, dot: null });
  });

  it.each<[string, BatchWriteJson[], string, string]>([
    ['a member into a counter', [increment(1, 'k'), add('a', 'k')], 'counter', 'set'],
    ['a count onto a set', [add('a', 'k'), increment(1, 'k')], 'set', 'counter'],
    ['a removal from a value', [{ key: 'k', value: 'x' }, remove('a', 'k')], 'value', 'set'],
  ])('that puts %s is refused', async (_, writes, type, wanted) => {
    expect(await node1.call('POST', '/batch', { body: { writes } })).toMatchObject({
      status: 409,
      body: { error: { code: 'KVC_E_TYPE_MISMATCH', type, wanted } },
    });
    expect((await node1.client.inspect()).clock).toEqual({});
  });

  it.each<[string, object, string]>([
    ['no amount', { increment: null }, 'writes[0].increment'],
    ['an amount of 0', { increment: 0 }, 'other than 0'],
    ['half', { increment: 0.5 }, 'writes[0].increment'],
    ['an amount as text', { increment: '1' }, 'writes[0].increment'],
    ['an amount beyond exact integers', { increment: 2 ** 53 }, 'writes[0].increment'],
    ['two changes', { increment: 1, add: 'a' }, 'one of them'],
    ['a value and a change', { value: 'x', remove: 'a' }, 'one of them'],
    ['a lifetime of a counter', { increment: 1, ttl_ms: 5 }, 'one of them'],
    ['a member that is no text', { add: 7 }, 'writes[0].add'],
    ['a member in no base64', { add: '?', encoding: 'base64' }, 'base64'],
    ['an encoding of an amount', { increment: 1, encoding: 'base64' }, 'one of them'],
    ['an expiry', { expire: 'node1:1' }, 'expire'],
    ['half a surrogate pair', { add: '\ud800' }, 'surrogate'],
  ])('with %s is refused', async (_, fields, named) => {
    const { status, body } = await node1.call('POST', '/batch', {
      body: { writes: [{ key: 'k', ...fields }] },
    });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        error: { code: 'KVC_E_BAD_REQUEST', message: expect.stringContaining(named) as string },
      },
    });
    expect((await node1.client.inspect()).clock).toEqual({});
  });

  it('with a member that is too long is refused', async () => {
    const answer = await node1.call('POST', '/batch', { body: { writes: [add('x'.repeat(65_537))] } });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'KVC_E_VALUE_TOO_LARGE' } } });
    expect(await node1.client.change([add('x'.repeat(65_536))])).toMatchObject({ type: 'set' });
  });
});

describe('in a session', () => {
  it('a node that lacks a change of a counter or set waits, and has it', async () => {
    await nodes.holdAll();
    const first = await node1.client.change([increment(1)], { session: 'new' });
    const second = await node1.client.batch([add('a'), add('b')], { session: first.session });
    const third = await node1.client.change([remove('a')], { session: second.session });
    const { session } = third;
    await expect(node3.client.read('n', { session, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'KVC_E_DEPS_TIMEOUT',
    });
    const reading = node3.client.readMany(['n', 's'], { session });
    await nodes.healAll();
    expect((await reading).entries).toMatchObject([counter(1), set('b')]);
  });

  it('that read a set without a member never meets it again at a node that is behind', async () => {
    await node1.client.change([add('a'), add('b')]);
    await nodes.converged();
    await nodes.holdAll();
    await node1.client.change([remove('a')]);
    const { session } = await node1.client.read('s', { session: 'new' });
    await expect(node3.client.read('s', { session, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'KVC_E_DEPS_TIMEOUT',
    });
  });
});

describe('as raw bytes', () => {
  it('a counter and a set are the text that JSON shows of them, and a PUT replaces them by a value', async () => {
    await node1.client.batch([increment(42), add('b'), add('a')]);
    const [count, members] = await Promise.all(['n', 's'].map((key) => fetch(`${node1.url}/kv/${key}`)));
    expect([count!.status, await count!.text()]).toEqual([200, '42']);
    expect([members!.status, await members!.text()]).toEqual([200, '["a","b"]']);
    expect(members!.headers.get('kvc-dot')).toBe('node1:1');
    for (const key of ['n', 's']) {
      expect((await fetch(`${node1.url}/kv/${key}`, { method: 'PUT', body: 'plain' })).status).toBe(200);
      expect(await everywhere(key)).toMatchObject({ value: 'plain', siblings: [] });
    }
    expect(await (await fetch(`${node1.url}/read?key=n`, { headers: { accept: 'text/plain' } })).text()).toBe(
      'plain',
    );
  });

  it('DELETE takes them away', async () => {
    await node1.client.batch([increment(1), add('a')]);
    for (const key of ['n', 's']) {
      const answer = await fetch(`${node1.url}/kv/${key}`, { method: 'DELETE' });
      expect((await answer.json()) as BatchResponseJson).toMatchObject({ key, value: null });
      expect((await fetch(`${node1.url}/kv/${key}`)).status).toBe(404);
    }
  });
});

describe('after a restart', () => {
  it('counters and sets are what they were', async () => {
    const durable = await TestNodes.start({ count: 1, durable: true });
    try {
      const node = durable.node(1);
      await node.client.batch([increment(2), add('a'), add('b')]);
      await node.client.batch([increment(3), remove('a')]);
      await node.close();
      await node.open();
      const { entries } = await node.client.readMany(['n', 's']);
      expect(entries).toMatchObject([counter(5), set('b')]);
      expect(await node.client.change([increment(1)])).toMatchObject(counter(6));
    } finally {
      await durable.stop();
    }
  });
});
