import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { Forwarder } from '../../support/forwarder.js';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let first: Forwarder;
let second: Forwarder;
let client: KvcClient;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 2 });
  [first, second] = [await Forwarder.start(nodes.node(1)), await Forwarder.start(nodes.node(2))];
  client = await connect({ nodes: [first.url, second.url], timeout: 2000 });
});
afterEach(async () => {
  await client.close();
  await first.stop();
  await second.stop();
  await nodes.stop();
});

const clockOf = async (number: number) => (await nodes.node(number).client.inspect()).clock;

describe('a write whose answer was lost', () => {
  it('is sent again with its request id to the same node, and was done once', async () => {
    let losses = 1;
    first.passage = () => (losses-- > 0 ? 'lose answer' : 'pass');
    expect(await client.set('a', 1)).toMatchObject({ node: 'node1', dot: { node: 'node1', counter: 1 } });
    expect(first.seen).toHaveLength(2);
    const ids = first.seen.map(({ headers }) => headers['kvc-request-id']);
    expect(ids[0]).toMatch(/^[0-9]{13}-/);
    expect(ids[1]).toBe(ids[0]);
    expect(await clockOf(1)).toEqual({ node1: 1 });
  });

  it('is sent to no other node where it may have happened, for it could become another one beside it', async () => {
    first.passage = () => 'lose answer';
    await expect(client.set('a', 1)).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      definite: false,
    });
    expect(first.seen.length).toBeGreaterThan(1);
    expect(second.seen).toEqual([]);
    expect(await clockOf(1)).toEqual({ node1: 1 });
  });

  it('has another request id each time it is asked for', async () => {
    await client.set('a', 1);
    await client.set('a', 1);
    expect(await clockOf(1)).toEqual({ node1: 2 });
  });
});

describe('a change of a counter whose answer was lost', () => {
  it('is sent again to no other node', async () => {
    first.passage = () => 'lose answer';
    await expect(client.increment('hits')).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      definite: false,
    });
    expect(first.seen.length).toBeGreaterThan(2);
    expect(second.seen).toEqual([]);
  });

  it('leaves the next one to another node', async () => {
    first.passage = () => 'hang';
    await expect(client.increment('hits', 1, { timeout: 300 })).rejects.toMatchObject({ definite: false });
    expect(await client.increment('hits')).toMatchObject({ node: 'node2' });
  });

  it('is sent again to the same node, and counts once', async () => {
    let losses = 3;
    first.passage = () => (losses-- > 0 ? 'lose answer' : 'pass');
    expect(await client.increment('hits')).toMatchObject({ node: 'node1', value: 1 });
    expect(await client.increment('hits')).toMatchObject({ node: 'node1', value: 2 });
  });

  it('goes elsewhere when nothing can have happened', async () => {
    await first.stop();
    expect(await client.increment('hits')).toMatchObject({ node: 'node2', value: 1 });
  });
});

describe('a write that waits for its copies', () => {
  it('waits at one node until the deadline, and says who has it', async () => {
    await nodes.holdAll();
    await expect(client.set('a', 1, { replicas: 2, timeout: 3000 })).rejects.toMatchObject({
      code: 'KVC_E_NOT_DURABLE',
      definite: false,
      facts: { durable_at: ['node1'] },
    });
    expect(second.seen).toEqual([]);
    await nodes.healAll();
    expect(await client.set('a', 2, { replicas: 2 })).toMatchObject({ node: 'node1' });
  });
});

describe('a client whose clock is wrong', () => {
  it('learns what the time is from the first refusal', async () => {
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    try {
      // Nodes in this process have the same wrong clock, but for the time of what they have delivered.
      Date.now = now;
      await nodes.node(1).client.write('b', 'x');
      Date.now = () => now() - 3_600_000;
      expect(await client.set('a', 1)).toMatchObject({ node: 'node1' });
      expect(first.seen).toHaveLength(2);
      await client.set('a', 2);
      expect(first.seen).toHaveLength(3);
    } finally {
      Date.now = now;
    }
  });
});
