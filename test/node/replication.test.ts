import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicateResponseJson, UpdateJson } from '../../src/protocol/replicationApi.js';
import { stateOf } from '../support/refusedRequest.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;
let node3: TestNode;

/** node3 among peers that hold their links to it, so that it hears what the test posts and nothing else. */
beforeEach(async () => {
  nodes = await TestNodes.start();
  node3 = nodes.node(3);
  await nodes.holdAll();
  return () => nodes.stop();
});

/** The update that `node` would ship for its next write of key = value. */
function update(
  node: string,
  counter: number,
  dependencies: Record<string, number>,
  key: string,
): UpdateJson {
  const operations = [{ key, value: `${node}:${counter}` }];
  return { dot: { node, counter }, dependencies, timestamp: 1_000_000 + counter, operations };
}

async function post(...updates: UpdateJson[]): Promise<ReplicateResponseJson> {
  const { status, body } = await node3.call('POST', '/replicate', {
    body: { from: 'node2', clock: {}, updates },
  });
  expect(status).toBe(200);
  return body as ReplicateResponseJson;
}

describe('POST /replicate of an update whose dependency is missing', () => {
  const dependent = update('node2', 1, { node1: 1 }, 'b');
  const dependency = update('node1', 1, {}, 'a');

  it('is accepted, and acknowledged as held but not as durable', async () => {
    expect(await post(dependent)).toEqual({
      from: 'node3',
      clock: {},
      received: { node2: 1 },
      refused: 0,
      unreached: [],
    });
  });

  it('shows as pending with the dot it misses, and stays invisible', async () => {
    await post(dependent);
    const { pending, pending_total, clock, keys } = await node3.client.inspect();
    expect(pending).toMatchObject([
      {
        dot: { node: 'node2', counter: 1 },
        operations: [{ key: 'b', value: 'node2:1' }],
        dependencies: { node1: 1 },
        missing: { node: 'node1', counter: 1 },
      },
    ]);
    expect({ pending_total, clock, keys }).toEqual({ pending_total: 1, clock: {}, keys: 0 });
    expect(await node3.client.read('b')).toMatchObject({ value: null, dot: null });
    expect((await node3.client.readMany(['b'])).entries[0]).toMatchObject({ value: null });
    expect((await node3.client.list()).keys).toEqual([]);
    expect((await fetch(`${node3.url}/kv/b`)).status).toBe(404);
  });

  it('is delivered the moment its dependency arrives', async () => {
    await post(dependent);
    const answer = await post(dependency);
    expect(answer.clock).toEqual({ node1: 1, node2: 1 });
    const { pending, clock, keys } = await node3.client.inspect();
    expect({ pending, clock, keys }).toEqual({ pending: [], clock: { node1: 1, node2: 1 }, keys: 2 });
    expect(await node3.client.read('b')).toMatchObject({ value: 'node2:1', dot: dependent.dot });
  });

  it('changes nothing when it is posted twice, pending or delivered', async () => {
    await post(dependent);
    const pendingOnce = await stateOf(node3);
    await post(dependent, dependent);
    expect(withoutTimes(await stateOf(node3))).toEqual(withoutTimes(pendingOnce));
    await post(dependency);
    const deliveredOnce = await stateOf(node3);
    await post(dependent, dependency);
    await post(dependency);
    expect(await stateOf(node3)).toEqual(deliveredOnce);
  });

  it('is refused when its dot comes with other content, pending or delivered', async () => {
    await post(dependent);
    const other = { ...dependent, operations: [{ key: 'b', value: 'forged' }] };
    const reused = { body: { from: 'node2', clock: {}, updates: [other] } };
    const refusal = { status: 409, body: { error: { code: 'KVC_E_DOT_REUSED' } } };
    expect(await node3.call('POST', '/replicate', reused)).toMatchObject(refusal);
    await post(dependency);
    expect(await node3.call('POST', '/replicate', reused)).toMatchObject(refusal);
    expect(await node3.client.read('b')).toMatchObject({ value: 'node2:1' });
  });
});

describe('a gap in the updates of one node', () => {
  it('holds back all that is behind it, which then comes in order', async () => {
    const updates = [1, 2, 3, 4].map((counter) => update('node1', counter, {}, 'k'));
    for (const late of [3, 1, 2]) await post(updates[late]!);
    const held = await node3.client.inspect();
    expect(held.pending_total).toBe(3);
    const misses = held.pending.map(({ dot, missing }) => `${dot.counter} misses ${missing.counter}`);
    expect(misses.sort()).toEqual(['2 misses 1', '3 misses 2', '4 misses 3']);
    await post(updates[0]!);
    expect(await node3.client.read('k')).toMatchObject({ value: 'node1:4', siblings: [] });
    expect((await node3.client.inspect()).clock).toEqual({ node1: 4 });
  });
});

describe('a reader of snapshots at another node', () => {
  it('never sees half of a batch, while many are written', async () => {
    await nodes.healAll();
    const keys = ['left', 'middle', 'right'];
    const rounds = 150;
    const seen = new Set<string>();
    const written = new AbortController();
    const reader = (async () => {
      for (;;) {
        const last = written.signal.aborted;
        const { entries } = await node3.client.readMany(keys);
        const values = entries.map(({ value }) => value);
        expect(new Set(values).size, `a snapshot with ${values.join()}`).toBe(1);
        seen.add(String(values[0]));
        if (last) return;
      }
    })();
    const { client } = nodes.node(1);
    for (let round = 1; round <= rounds; round += 1) {
      await client.batch(keys.map((key) => ({ key, value: String(round) })));
    }
    await nodes.converged();
    written.abort();
    await reader;
    expect(seen.has(String(rounds))).toBe(true);
    expect(seen.size).toBeGreaterThan(10);
  });
});

describe('a peer that is away', () => {
  let pair: TestNodes;
  beforeAll(async () => {
    pair = await TestNodes.start({ count: 2, durable: true });
  });
  afterAll(() => pair.stop());

  it('shows as backing off with the reason, and gets everything when it is back', async () => {
    await pair.node(2).close();
    await pair.node(1).client.write('while away', '1');
    const peer = await until('the failure shows', async () => {
      const [only] = (await pair.node(1).client.inspect()).peers;
      return only?.error != null && only;
    });
    expect(peer).toMatchObject({ node: 'node2', unacked: 1 });
    expect(peer.error).toContain('node2');
    await pair.node(2).open();
    await pair.converged();
    expect(await pair.node(2).client.read('while away')).toMatchObject({ value: '1' });
    await until(
      'the error is gone',
      async () => (await pair.node(1).client.inspect()).peers[0]?.error === null,
    );
  });
});

function withoutTimes(state: object): object {
  const { pending } = state as { pending: { waiting_ms?: number }[] };
  return { ...state, pending: pending.map((each) => ({ ...each, waiting_ms: 0 })) };
}
