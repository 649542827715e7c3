import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KvcError } from '../../src/errors.js';
import { NodeProcess } from '../../src/node/nodeProcess.js';
import { parseNodeName } from '../../src/protocol/names.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;
let node1: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start({ durable: true });
  node1 = nodes.node(1);
});
afterEach(() => nodes.stop());

describe('a node that is restarted', () => {
  it('has its keys, siblings, tombstones and clock again, and goes on counting', async () => {
    await nodes.holdAll();
    await node1.client.write('k', 'one');
    await nodes.node(2).client.write('k', 'other');
    await nodes.healAll();
    await nodes.converged();
    // A tombstone that every member has is forgotten; one that node3 lacks has to stay.
    await nodes.node(3).close();
    await node1.client.write('gone', '1');
    await node1.client.remove('gone');
    const before = await node1.client.inspect();
    const read = await node1.client.read('k');
    expect(read.siblings).toHaveLength(1);
    await node1.close();
    await node1.open();
    const after = await node1.client.inspect();
    for (const fact of ['clock', 'durable', 'keys', 'conflicts'] as const)
      expect(after[fact]).toEqual(before[fact]);
    expect(await node1.client.read('k')).toEqual(read);
    expect(await node1.client.read('gone')).toMatchObject({
      value: null,
      dot: { node: 'node1', counter: 3 },
    });
    expect((await node1.client.write('next', '1')).dot).toEqual({ node: 'node1', counter: 4 });
  });

  it('keeps its faults', async () => {
    await node1.addFaults([{ id: 'f7', kind: 'hold', target: 'node2' }]);
    await node1.client.write('k', 'held');
    await node1.close();
    await node1.open();
    await until(
      'the update waits on the link again',
      async () => (await node1.client.inspect()).peers[0]!.held > 0,
    );
    expect(await nodes.node(2).client.read('k')).toMatchObject({ value: null });
    expect((await node1.client.faults()).faults).toMatchObject([{ id: 'f7' }]);
    await nodes.healAll();
    await nodes.converged();
    expect(await nodes.node(2).client.read('k')).toMatchObject({ value: 'held' });
  });

  it('gets its pending updates again', async () => {
    const { client: node3 } = nodes.node(3);
    await node1.addFaults([{ kind: 'hold', target: 'node3' }]);
    await node1.client.write('a', '1');
    await until('node2 has a', async () => (await nodes.node(2).client.read('a')).value === '1');
    await nodes.node(2).client.write('b', '2');
    const isPending = async () => (await node3.inspect()).pending[0]?.dot.node === 'node2';
    await until('b is pending', isPending);
    await nodes.node(3).close();
    await nodes.node(3).open();
    await until('b is pending again', isPending);
    expect(await node3.read('b')).toMatchObject({ value: null });
    await nodes.healAll();
    await nodes.converged();
    expect(await node3.read('b')).toMatchObject({ value: '2' });
  });
});

describe('a node that cannot start', () => {
  async function failureOf(promise: Promise<unknown>): Promise<KvcError> {
    const outcome: unknown = await promise.catch((error: unknown) => error);
    if (outcome instanceof KvcError) return outcome;
    throw new Error('it started');
  }

  it('says that its port is taken, and touches no data', async () => {
    const name = parseNodeName('node1');
    const config = {
      clusterId: 'other',
      clusterName: 'other',
      self: name,
      instance: 'second',
      members: [{ name, port: node1.port }],
      founders: [name],
      dataDir: '/proc/kvc-must-not-touch-this',
      hasServed: false,
      delivery: 'causal',
      limits: {},
      faults: [],
    } as const;
    const second = new NodeProcess(config, {
      report: () => undefined,
      onFaults: () => undefined,
      onProgress: () => undefined,
      onHalt: () => undefined,
    });
    const { code, message } = await failureOf(second.open());
    expect(code).toBe('KVC_E_PORT_TAKEN');
    expect(message).toContain(String(node1.port));
  });
});
