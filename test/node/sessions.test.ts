import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KvcError } from '../../src/errors.js';
import { TestNodes } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;

beforeEach(async () => {
  nodes = await TestNodes.start();
});
afterEach(() => nodes.stop());

async function failureOf(promise: Promise<unknown>): Promise<KvcError> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof KvcError) return outcome;
  throw new Error(`did not fail: ${JSON.stringify(outcome)}`);
}

describe('a session that moves to a node that is behind', () => {
  it('waits there, and reads its own write as soon as that arrives', async () => {
    await nodes.holdAll();
    const [node1, , node3] = nodes.nodes.map((node) => node.client);
    const { session } = await node1!.write('mine', '1', { session: 'new' });
    expect(await node3!.read('mine'), 'without a session, from the past').toMatchObject({ value: null });
    const reading = node3!.read('mine', { session });
    await until('the read waits', async () => (await node3!.inspect()).waiting_requests === 1);
    await nodes.healAll();
    expect(await reading).toMatchObject({ value: '1' });
  });

  it('fails at its deadline with the dots that are missing, and never answers from the past', async () => {
    await nodes.holdAll();
    const [node1, node2, node3] = nodes.nodes.map((node) => node.client);
    const first = await node1!.write('mine', '1', { session: 'new' });
    const wait = { session: first.session, timeoutMs: 20 };
    const attempts = [
      node3!.read('mine', wait),
      node3!.readMany(['mine'], wait),
      node3!.list(wait),
      node2!.write('other', '2', wait),
    ];
    for (const { code, facts, kind } of await Promise.all(attempts.map(failureOf))) {
      expect({ code, facts, definite: kind.definite }).toMatchObject({
        code: 'KVC_E_DEPS_TIMEOUT',
        facts: { missing: [{ node: 'node1', counter: 1 }] },
        definite: true,
      });
    }
    await nodes.healAll();
    await nodes.converged();
    expect(await node3!.read('other'), 'a write that failed never happens').toMatchObject({ dot: null });
    expect((await node3!.inspect()).clock).toEqual({ node1: 1 });
  });

  it('is not held up by writes that it has not seen', async () => {
    await nodes.holdAll();
    const [node1, node2, node3] = nodes.nodes.map((node) => node.client);
    await node1!.write('unseen', '1');
    await nodes.node(2).call('DELETE', '/faults');
    const { session } = await node2!.write('seen', '2', { session: 'new' });
    expect(await node3!.read('seen', { session })).toMatchObject({ value: '2', clock: { node2: 1 } });
  });
});

describe('what a session has read', () => {
  it('comes before what it writes then, at every node', async () => {
    const [node1, node2, node3] = nodes.nodes.map((node) => node.client);
    await nodes.node(1).addFaults([{ kind: 'hold', target: 'node3' }]);
    const post = await node1!.write('post', 'lost my ring');
    const seen = await node2!.read('post', { session: post.session });
    await node2!.write('reply', 'glad to hear', { session: seen.session });
    const waiting = await until('the reply waits for the post', async () => {
      const { pending } = await node3!.inspect();
      return pending.length > 0 && pending;
    });
    expect(waiting).toMatchObject([
      { dot: { node: 'node2', counter: 1 }, missing: { node: 'node1', counter: 1 } },
    ]);
    expect(await node3!.read('reply')).toMatchObject({ value: null });
    await nodes.healAll();
    await nodes.converged();
    expect(await node3!.read('reply')).toMatchObject({ value: 'glad to hear' });
  });

  it('includes siblings: a write that has seen both replaces both', async () => {
    await nodes.holdAll();
    await nodes.node(1).client.write('k', 'left');
    await nodes.node(2).client.write('k', 'right');
    await nodes.healAll();
    await nodes.converged();
    const { session, siblings } = await nodes.node(1).client.read('k', { session: 'new' });
    expect(siblings).toHaveLength(1);
    // At a node that wrote neither: a node's own earlier writes go in any case.
    await nodes.node(3).client.write('k', 'both', { session });
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      expect(await client.read('k')).toMatchObject({ value: 'both', siblings: [] });
    }
  });

  it('excludes what it has not read: its write stays beside that', async () => {
    const { client } = nodes.node(1);
    await client.write('k', 'theirs');
    await client.write('k', 'mine', { session: 'new' });
    const { value, siblings } = await client.read('k');
    // Writes of one replica are ordered, so the later one has replaced the earlier.
    expect({ value, siblings }).toEqual({ value: 'mine', siblings: [] });
    await nodes.converged();
    await nodes.node(2).client.write('k', 'elsewhere', { session: 'new' });
    await nodes.converged();
    const reading = await client.read('k');
    expect([reading.value, ...reading.siblings.map((each) => each.value)].sort()).toEqual([
      'elsewhere',
      'mine',
    ]);
  });

  it('only grows from answer to answer', async () => {
    const [node1, node2] = nodes.nodes.map((node) => node.client);
    let { session } = await node1!.write('counter', '0', { session: 'new' });
    for (let turn = 1; turn <= 30; turn += 1) {
      const client = turn % 2 === 0 ? node1! : node2!;
      const reading = await client.read('counter', { session });
      expect(reading).toMatchObject({ value: String(turn - 1), siblings: [] });
      ({ session } = await client.write('counter', String(turn), { session: reading.session }));
    }
  });
});

describe('a client that goes away while it waits', () => {
  it('leaves no write behind, and no waiting request', async () => {
    await nodes.holdAll();
    const [node1, node2] = nodes.nodes.map((node) => node.client);
    const { session } = await node1!.write('seen', '1', { session: 'new' });
    const leaving = node2!.write('left', '1', { session, requestTimeoutMs: 100 });
    await until('the write waits', async () => (await node2!.inspect()).waiting_requests === 1);
    expect((await failureOf(leaving)).code).toBe('KVC_E_NODE_UNREACHABLE');
    await until('it is forgotten', async () => (await node2!.inspect()).waiting_requests === 0);
    await nodes.healAll();
    await nodes.converged();
    expect(await node2!.read('left')).toMatchObject({ dot: null });
  });
});
