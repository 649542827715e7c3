import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RespNode } from '../../../src/torture/resp/respNode.js';
import { TestNodes } from '../../support/testNodes.js';

const deadlines = { timeoutMs: 200, requestTimeoutMs: 5000 };

let nodes: TestNodes;
let sessions: RespNode[];

beforeEach(async () => {
  nodes = await TestNodes.start({ resp: true });
  sessions = [];
});
afterEach(async () => {
  for (const each of sessions) each.close();
  await nodes.stop();
});

function at(number: number): RespNode {
  const { name, respPort } = nodes.node(number);
  const node = new RespNode({ name, port: respPort });
  sessions.push(node);
  return node;
}

describe('a session of torture over the Redis protocol', () => {
  it('knows what it read and wrote by dots, as over HTTP', async () => {
    const node = at(1);
    const written = await node.write('k', 'v', { ...deadlines, session: 'new' });
    expect(written).toMatchObject({ dot: { node: 'node1', counter: 1 }, clock: { node1: 1 } });
    const batch = await node.batch(
      [
        { key: 'l', value: 'w' },
        { key: 'k', delete: true },
        { key: 'none', delete: true },
      ],
      { ...deadlines, session: written.session },
    );
    expect(batch).toMatchObject({
      dot: { node: 'node1', counter: 2 },
      absent: [{ key: 'none', value: null, dot: null }],
    });
    const { session } = batch;
    expect(await node.read('k', { ...deadlines, session })).toMatchObject({
      value: null,
      dot: { counter: 2 },
    });
    const again = await node.batch([{ key: 'k', delete: true }], { ...deadlines, session });
    expect(again).toMatchObject({
      dot: null,
      absent: [{ key: 'k', value: null, dot: { node: 'node1', counter: 2 } }],
    });
    const many = await node.readMany(['l', 'none'], { ...deadlines, session });
    expect(many.entries).toMatchObject([
      { key: 'l', value: 'w', dot: { counter: 2 }, siblings: [] },
      { key: 'none', value: null, dot: null },
    ]);
  });

  it('is told of siblings', async () => {
    await nodes.holdAll();
    await at(1).write('k', 'one', { ...deadlines, session: 'new' });
    await at(2).write('k', 'two', { ...deadlines, session: 'new' });
    await nodes.healAll();
    await nodes.converged();
    const { value, siblings } = await at(3).read('k', { ...deadlines, session: 'new' });
    expect([value, ...siblings.map((each) => each.value)].sort()).toEqual(['one', 'two']);
  });

  it('waits elsewhere for what it has seen, and is told when that does not come: then nothing was done', async () => {
    await nodes.holdAll();
    const { session } = await at(1).write('k', 'v', { ...deadlines, session: 'new' });
    const other = at(2);
    await expect(other.write('l', 'w', { ...deadlines, session })).rejects.toMatchObject({
      code: 'KVC_E_DEPS_TIMEOUT',
    });
    expect(await other.read('l', { ...deadlines, session: 'new' })).toMatchObject({ dot: null });
    await nodes.healAll();
    expect(await other.read('k', { ...deadlines, timeoutMs: 4000, session })).toMatchObject({ value: 'v' });
  });

  it('is told that a node does not answer, and goes on when it does again', async () => {
    const node = at(1);
    const { session } = await node.write('k', 'v', { ...deadlines, session: 'new' });
    await nodes.node(1).close();
    await expect(node.read('k', { ...deadlines, session })).rejects.toMatchObject({
      code: expect.stringMatching(/^KVC_E_NODE_(UNREACHABLE|DOWN)$/) as string,
    });
    await nodes.node(1).open();
    await nodes.converged();
    expect(await node.read('none', { ...deadlines, session: 'new' })).toMatchObject({ value: null });
  });
});
