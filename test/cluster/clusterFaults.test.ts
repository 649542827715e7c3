import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFaults } from '../../src/cluster/clusterFaults.js';
import type { AddFaultJson, NodeState } from '../../src/cluster/controlApi.js';
import type { NodeName } from '../../src/core/ids.js';
import type { FaultRuleJson } from '../../src/protocol/faultsApi.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';
import { until } from '../support/until.js';

const once = { both: false, for_ms: null };
const hold = { kind: 'hold', target: 'node1:node2', ...once } as const;
const dropAll = { kind: 'drop', percent: 20, target: 'all', ...once } as const;

let nodes: TestNodes;
let faults: ClusterFaults;
let managed: { name: NodeName; url: string; state: NodeState }[];

const manage = ({ name, url }: TestNode) => ({ name: name as NodeName, url, state: 'running' as NodeState });

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 3 });
  managed = nodes.nodes.map(manage);
  faults = new ClusterFaults(managed);
});
afterEach(() => nodes.stop());

async function rulesAt(node: number): Promise<readonly FaultRuleJson[]> {
  return (await nodes.node(node).client.faults()).faults;
}

async function kindsAt(node: number): Promise<string[]> {
  return (await rulesAt(node)).map(({ kind, target }) => `${kind} ${target}`).sort();
}

/** As if node1 were paused while `change` is made. */
async function whilePaused(change: () => Promise<unknown>): Promise<void> {
  const [node] = managed;
  node!.state = 'paused';
  await change();
  node!.state = 'running';
  await faults.catchUp(node!);
}

describe('ClusterFaults', () => {
  it('gives all links of a fault the seed that it was made with', async () => {
    expect(await faults.add({ ...dropAll, seed: 7 })).toMatchObject({ id: 'f1', seed: 7 });
    const rules = [...(await rulesAt(1)), ...(await rulesAt(2)), ...(await rulesAt(3))];
    expect(rules.map(({ seed }) => seed)).toEqual(Array(6).fill(7));
  });

  it('draws a seed where none is given, another one each time', async () => {
    const seeds = new Set<number>();
    for (let count = 0; count < 3; count += 1) seeds.add((await faults.add(dropAll)).seed);
    expect(seeds.size).toBe(3);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
  });

  it.each<[string, AddFaultJson, string]>([
    ['an unknown node', { ...dropAll, target: 'node9' }, 'KVC_E_NODE_UNKNOWN'],
    ['a group with one', { kind: 'partition', groups: [['node9']], for_ms: null }, 'KVC_E_NODE_UNKNOWN'],
    ['a ring of three', { kind: 'partition', shape: 'ring', for_ms: null }, 'KVC_E_STATE_CONFLICT'],
  ])('refuses %s, and changes nothing', async (_, fault, code) => {
    await expect(faults.add(fault)).rejects.toMatchObject({ code });
    expect(faults.list()).toEqual([]);
    expect(await rulesAt(1)).toEqual([]);
  });

  it('gives a node that goes on what changed meanwhile, and leaves alone what did not', async () => {
    await faults.add(hold);
    await faults.add(dropAll);
    await nodes.node(1).client.write('k', '1');
    const isHeld = async () => ((await nodes.node(1).client.inspect()).peers[0]?.held ?? 0) > 0;
    await until('the write is held', isHeld);
    const [heldBefore] = (await nodes.node(1).client.faults()).links;
    await whilePaused(async () => {
      await faults.clear({ kind: 'drop', target: 'node3' });
      await faults.add({ kind: 'partition', groups: [['node3']], for_ms: null });
    });
    expect(await kindsAt(1)).toEqual(['drop node2', 'hold node2', 'partition node3']);
    expect(await isHeld()).toBe(true);
    const [heldAfter] = (await nodes.node(1).client.faults()).links;
    expect(heldAfter?.acted.hold).toBeGreaterThanOrEqual(heldBefore?.acted.hold ?? Infinity);
  });

  it('replaces a rule of a node that goes on, without letting go what it holds', async () => {
    await faults.add(hold);
    await nodes.node(1).client.write('k', '1');
    await until('the write is held', async () => (await nodes.node(1).client.inspect()).peers[0]!.held > 0);
    await whilePaused(() => faults.add(hold));
    expect(await rulesAt(1)).toMatchObject([{ id: 'f2', kind: 'hold' }]);
    expect((await nodes.node(1).client.inspect()).peers[0]!.held).toBeGreaterThan(0);
    expect(await nodes.node(2).client.read('k')).toMatchObject({ value: null });
  });

  it('keeps what a node is to have, where it cannot be told when it goes on', async () => {
    const [node1] = managed;
    const { url } = node1!;
    node1!.state = 'paused';
    await faults.add(hold);
    node1!.state = 'running';
    node1!.url = 'http://127.0.0.1:1';
    await expect(faults.catchUp(node1!)).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
    faults.heard('node1', []);
    expect(faults.list()).toMatchObject([{ id: 'f1' }]);
    node1!.url = url;
    await faults.catchUp(node1!);
    expect(await kindsAt(1)).toEqual(['hold node2']);
  });

  it('tells a node that starts if it listens, else later; what that refuses is refused', async () => {
    const [node1] = managed;
    node1!.state = 'starting';
    await faults.add(hold);
    expect(await kindsAt(1)).toEqual(['hold node2']);
    const unknownThere = { ...hold, target: 'node1:node9' };
    faults.addNode({ name: 'node9' as NodeName, url: 'http://127.0.0.1:1', state: 'starting' });
    await expect(faults.add(unknownThere)).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
    await faults.add({ ...hold, target: 'node9:node1' });
    expect(faults.startRules('node9')).toMatchObject([{ kind: 'hold', target: 'node1' }]);
  });

  it('clears all that a node has at once', async () => {
    await faults.add(hold);
    await faults.add(dropAll);
    expect((await faults.clear({})).cleared).toEqual(['f1', 'f2']);
    expect([await kindsAt(1), await kindsAt(2), await kindsAt(3)]).toEqual([[], [], []]);
  });

  it('lets no fault act on the links of a node that has left, whatever the others are doing', async () => {
    await faults.add({ kind: 'partition', shape: 'one', for_ms: null });
    await faults.add(hold);
    await whilePaused(() => faults.removeNode('node3'));
    expect(faults.list()).toMatchObject([{ id: 'f2', links: [{ source: 'node1', target: 'node2' }] }]);
    expect([await kindsAt(1), await kindsAt(2)]).toEqual([['hold node2'], []]);
    await expect(faults.add({ ...dropAll, target: 'node3' })).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNKNOWN',
    });
  });

  it('removes a node although another one does not answer', async () => {
    await faults.add({ kind: 'partition', shape: 'one', for_ms: null });
    await nodes.node(2).close();
    await faults.removeNode('node3');
    expect(faults.list()).toEqual([]);
    expect(await rulesAt(1)).toEqual([]);
  });

  it('includes a node that has joined in the faults to come', async () => {
    faults = new ClusterFaults(managed.slice(0, 2));
    await faults.add({ kind: 'partition', shape: 'one', for_ms: null });
    faults.addNode(managed[2]!);
    expect(await kindsAt(3)).toEqual([]);
    await faults.add({ ...hold, target: 'node3', both: true });
    expect(await kindsAt(3)).toEqual(['hold node1', 'hold node2']);
    expect(await kindsAt(1)).toEqual(['hold node3', 'partition node2']);
  });
});
