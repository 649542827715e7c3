import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeClient } from '../../src/client/nodeClient.js';
import { sameDigest } from '../support/sameEverywhere.js';
import { useHome } from '../support/useHome.js';

const home = useHome();
let nodes: NodeClient[];
beforeEach(async () => {
  await home.upNew(3);
  nodes = home.clients();
});

function newRequestId(): string {
  return `${Date.now()}-${randomUUID()}`;
}

describe('a write that is sent again', { timeout: 60_000 }, () => {
  it('to another node that has it already happens once', async () => {
    const requestId = newRequestId();
    const { dot } = await nodes[0]!.write('k', 'v', { requestId, replicas: 3 });
    for (const node of nodes) expect((await node.write('k', 'v', { requestId })).dot).toEqual(dot);
    await sameDigest(nodes);
    for (const node of nodes) {
      expect(await node.read('k')).toMatchObject({ value: 'v', siblings: [], dot });
      expect((await node.clock()).clock).toEqual({ node1: 1 });
    }
  });

  it('to nodes that cannot know of it leaves no sibling', async () => {
    await home.ok('hold', 'all');
    const requestId = newRequestId();
    const dots = await Promise.all(
      nodes.map(async (node) => (await node.write('k', 'v', { requestId })).dot.node),
    );
    expect(dots).toEqual(['node1', 'node2', 'node3']);
    await home.ok('heal');
    await sameDigest(nodes);
    for (const node of nodes) expect(await node.read('k')).toMatchObject({ value: 'v', siblings: [] });
    await nodes[2]!.write('k', 'next');
    await sameDigest(nodes);
    for (const node of nodes) expect(await node.read('k')).toMatchObject({ value: 'next', siblings: [] });
  });

  it('after its node was killed happens once', async () => {
    await home.ok('hold', 'node1', '--both');
    const requestId = newRequestId();
    const first = await nodes[0]!.write('k', 'v', { requestId });
    await home.ok('kill', 'node1');
    const second = await nodes[1]!.write('k', 'v', { requestId });
    expect([first.dot.node, second.dot.node], 'two dots of one write').toEqual(['node1', 'node2']);
    await nodes[1]!.write('k', 'later');
    await home.ok('heal');
    await home.ok('restart', 'node1');
    await sameDigest(nodes);
    for (const node of nodes) expect(await node.read('k')).toMatchObject({ value: 'later', siblings: [] });
  });
});

describe('a write that is to be durable at several nodes', { timeout: 60_000 }, () => {
  it('is answered when it is, and with an indefinite error at the deadline when it is not', async () => {
    await nodes[0]!.write('at three', 'v', { replicas: 3 });
    for (const node of nodes) expect((await node.inspect()).durable).toMatchObject({ node1: 1 });
    await home.ok('kill', 'node3');
    await nodes[0]!.write('at two', 'v', { replicas: 2 });
    expect((await nodes[1]!.inspect()).durable).toMatchObject({ node1: 2 });
    const beganMs = performance.now();
    await expect(nodes[0]!.write('k', 'v', { replicas: 3, timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'KVC_E_NOT_DURABLE',
      kind: { definite: false },
      facts: { replicas: 3, durable_at: ['node1', 'node2'] },
    });
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(1000);
    // It is not taken back.
    expect(await nodes[1]!.read('k')).toMatchObject({ value: 'v' });
    await home.ok('restart', 'node3');
    await sameDigest(nodes);
    expect(await nodes[2]!.read('k')).toMatchObject({ value: 'v' });
  });
});
