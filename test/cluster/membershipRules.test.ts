import { describe, expect, it } from 'vitest';
import { nextNodeName, withNode, withoutNode, withServed } from '../../src/cluster/clusterNodes.js';
import { ManagedNode } from '../../src/cluster/managedNode.js';
import { requireRoom } from '../../src/cluster/membershipRules.js';
import { settleCluster } from '../../src/cluster/planCluster.js';
import { unknownNode } from '../../src/cluster/faultTable.js';
import { parseNodeName } from '../../src/protocol/names.js';

const nameOf = (text: string) => parseNodeName(text);

/** A cluster whose nodes run. */
async function rosterOf(count: number) {
  const file = settleCluster({ name: 'test', nodes: count }, undefined);
  const nodes = file.nodes.map(
    ({ name, port }) =>
      new ManagedNode({ name, port, respPort: port + 1000, fork, onChange: () => undefined }),
  );
  await Promise.all(nodes.map((node) => node.start()));
  const node = (name: string): ManagedNode => {
    const found = nodes.find((each) => each.name === name);
    if (found === undefined) throw unknownNode(name, []);
    return found;
  };
  return { file, nodes, node };
}

function fork() {
  const exited = new Promise<never>(() => undefined);
  return {
    pid: undefined,
    ready: Promise.resolve(),
    exited,
    signal: () => undefined,
    requestStop: () => undefined,
  };
}

describe('a node may be added', () => {
  it('up to 16 nodes', async () => {
    const full = await rosterOf(16);
    expect(() => requireRoom(full, undefined)).toThrow(
      expect.objectContaining({
        code: 'KVC_E_STATE_CONFLICT',
        message: 'cluster "test" has 16 nodes already, which is the most there may be',
      }) as Error,
    );
    const roomy = await rosterOf(15);
    expect(() => requireRoom(roomy, undefined)).not.toThrow();
  });

  it.each(['all', 'supervisor'])('but not as %s, which commands take for something else', async (name) => {
    const roster = await rosterOf(1);
    expect(() => requireRoom(roster, nameOf(name))).toThrow(
      expect.objectContaining({
        code: 'KVC_E_BAD_REQUEST',
        message: expect.stringContaining(name) as string,
      }) as Error,
    );
  });
});

describe('the cluster file', () => {
  const file = settleCluster({ name: 'test', nodes: 2 }, undefined);
  const [node1, node2, node3] = ['node1', 'node2', 'node3'].map(nameOf) as [
    ReturnType<typeof nameOf>,
    ReturnType<typeof nameOf>,
    ReturnType<typeof nameOf>,
  ];

  it('names its founders for ever', () => {
    expect(file.founders).toEqual([node1, node2]);
    const changed = withoutNode(withNode(file, { name: node3, port: 9, hasServed: true }), node1, true);
    expect(changed).toMatchObject({ founders: [node1, node2], formerNodes: [node1] });
    expect(changed.nodes.map(({ name }) => name)).toEqual([node2, node3]);
  });

  it('remembers a node that came and went under a former name once', () => {
    const again = withNode(withoutNode(file, node2, true), { name: node2, port: 9, hasServed: true });
    expect(again.formerNodes).toEqual([node2]);
    expect(withoutNode(again, node2, true).formerNodes).toEqual([node2]);
    expect(withoutNode(again, node2, false).formerNodes).toEqual([node2]);
  });

  it('gives out each name once', () => {
    expect(nextNodeName(file)).toBe('node3');
    expect(nextNodeName(withoutNode(file, node1, true))).toBe('node3');
    expect(nextNodeName(withoutNode(file, node2, false))).toBe('node2');
    expect(nextNodeName(withNode(file, { name: nameOf('spare'), port: 9, hasServed: true }))).toBe('node3');
  });

  it('notes which node has served', () => {
    expect(withServed(file, node2).nodes.map(({ hasServed }) => hasServed)).toEqual([false, true]);
  });
});
