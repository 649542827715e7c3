import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WriteResponseJson } from '../../src/protocol/api.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';

let nodes: TestNodes;
let node1: TestNode;
let node2: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start();
  node1 = nodes.node(1);
  node2 = nodes.node(2);
});
afterEach(() => nodes.stop());

function requestId(ageMs = 0, rest = 'a'): string {
  return `${String(Date.now() - ageMs).padStart(13, '0')}-${rest}`;
}

async function write(node: TestNode, value: string, id: string): Promise<WriteResponseJson> {
  const { status, body } = await node.call('POST', '/write', {
    body: { key: 'k', value },
    headers: { 'kvc-request-id': id },
  });
  expect(status).toBe(200);
  return body as WriteResponseJson;
}

describe('a write that is sent again with its request id', () => {
  it('to the same node is done once and answered alike', async () => {
    const id = requestId();
    const [first, second] = await Promise.all([write(node1, '1', id), write(node1, '1', id)]);
    expect(second.dot).toEqual(first.dot);
    expect((await write(node1, '1', id)).dot).toEqual(first.dot);
    expect((await node1.client.inspect()).clock).toEqual({ node1: 1 });
  });

  it('to another node that has delivered it is done once', async () => {
    const id = requestId();
    const { dot } = await write(node1, '1', id);
    await nodes.converged();
    expect((await write(node2, '1', id)).dot).toEqual(dot);
    expect((await node2.client.inspect()).clock).toEqual({ node1: 1 });
  });

  it('to another node that has not is one value everywhere, and does not come back when it was replaced', async () => {
    const id = requestId();
    await nodes.holdAll();
    const first = await write(node1, '1', id);
    const second = await write(node2, '1', id);
    expect(second.dot).not.toEqual(first.dot);
    await node1.client.write('k', '2');
    await nodes.healAll();
    await nodes.converged();
    const reads = await Promise.all(nodes.nodes.map(({ client }) => client.read('k')));
    for (const read of reads) expect(read).toMatchObject({ value: '2', siblings: [] });
  });

  it('is another write if it has other content', async () => {
    const id = requestId();
    const first = await write(node1, '1', id);
    expect((await write(node1, '2', id)).dot).not.toEqual(first.dot);
  });

  it.each([
    ['too old', 120_000],
    ['of the future', -120_000],
  ])('is refused when the id is %s', async (_, ageMs) => {
    const { status, body } = await node1.call('POST', '/write', {
      body: { key: 'k', value: '1' },
      headers: { 'kvc-request-id': requestId(ageMs) },
    });
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { error: { code: 'KVC_E_REQUEST_EXPIRED' } },
    });
    expect((await node1.client.inspect()).clock).toEqual({});
  });

  it.each(['', 'abc', '123-a', `${Date.now()}`, `${Date.now()}-`, `${Date.now()}-${'a'.repeat(65)}`])(
    'is refused when the id is %j',
    async (id) => {
      const answer = await node1.call('POST', '/write', {
        body: { key: 'k', value: '1' },
        headers: { 'kvc-request-id': id },
      });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'KVC_E_BAD_REQUEST' } } });
    },
  );
});

describe('a write that is to be durable at several nodes', () => {
  const path = '/write?replicas=3&timeout_ms=400';

  it('is answered when it is', async () => {
    const { status, body } = await node1.call('POST', '/write?replicas=3', {
      body: { key: 'k', value: '1' },
    });
    expect(status).toBe(200);
    const { dot } = body as WriteResponseJson;
    for (const { client } of nodes.nodes) {
      expect((await client.inspect()).durable).toMatchObject({ [dot.node]: dot.counter });
    }
  });

  it('says at its deadline who has it, and still reaches the others', async () => {
    await nodes.holdAll();
    const answer = await node1.call('POST', path, { body: { key: 'k', value: '1' } });
    expect(answer).toMatchObject({
      status: 504,
      body: { error: { code: 'KVC_E_NOT_DURABLE', replicas: 3, durable_at: ['node1'] } },
    });
    await nodes.healAll();
    await nodes.converged();
    expect(await node2.client.read('k')).toMatchObject({ value: '1' });
  });

  it('at more nodes than there are is refused, and not done', async () => {
    const answer = await node1.call('POST', '/write?replicas=4', { body: { key: 'k', value: '1' } });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'KVC_E_STATE_CONFLICT' } } });
    for (const replicas of ['0', '17', 'x']) {
      const bad = await node1.call('POST', `/write?replicas=${replicas}`, {
        body: { key: 'k', value: '1' },
      });
      expect(bad).toMatchObject({ status: 400, body: { error: { code: 'KVC_E_BAD_REQUEST' } } });
    }
    expect((await node1.client.inspect()).clock).toEqual({});
  });
});
