import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeClient } from '../../src/client/nodeClient.js';
import { requestJson } from '../../src/client/requestJson.js';
import type { NodeName } from '../../src/core/ids.js';
import { NodeProcess } from '../../src/node/nodeProcess.js';
import type { FaultsResponseJson, LinkTrafficJson, StepResponseJson } from '../../src/protocol/faultsApi.js';
import { freePorts } from '../support/ports.js';
import { testClusterId, TestNodes, type TestNode } from '../support/testNodes.js';
import { until } from '../support/until.js';

let nodes: TestNodes;
let node1: TestNode;
let node2: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 2 });
  [node1, node2] = [nodes.node(1), nodes.node(2)];
});
afterEach(() => nodes.stop());

async function step(count?: number): Promise<StepResponseJson> {
  const body = count === undefined ? { target: 'node2' } : { target: 'node2', count };
  return (await node1.call('POST', '/faults/step', { body })).body as StepResponseJson;
}

/** What became of the messages from node1 to node2. */
async function traffic(): Promise<LinkTrafficJson> {
  const link = (await node1.client.faults()).links.find(({ target }) => target === 'node2');
  if (link === undefined) throw new Error('node1 has sent nothing to node2');
  return link;
}

async function writeMany(count: number): Promise<void> {
  for (let value = 1; value <= count; value += 1) await node1.client.write('k', String(value));
}

async function heldDots(): Promise<number[]> {
  const { links } = (await node1.call('GET', '/faults')).body as FaultsResponseJson;
  return links.flatMap((link) => link.updates.map((dot) => dot.counter));
}

describe('a held link', () => {
  beforeEach(async () => {
    await node1.addFaults([{ id: 'f1', kind: 'hold', target: 'node2' }]);
    for (const value of ['1', '2', '3']) await node1.client.write('k', value);
    await until('all three wait on the link', async () => (await heldDots()).length === 3);
  });

  it('keeps updates in order, one way only', async () => {
    expect(await heldDots()).toEqual([1, 2, 3]);
    await node2.client.write('back', '1');
    await until('the other direction works', async () => (await node1.client.read('back')).value === '1');
    expect(await node2.client.read('k')).toMatchObject({ value: null });
  });

  it('lets updates through one by one by step', async () => {
    for (const counter of [1, 2]) {
      expect((await step()).released).toEqual([{ node: 'node1', counter }]);
      await until(
        `${counter} is delivered`,
        async () => (await node2.client.read('k')).value === String(counter),
      );
      expect((await node2.client.inspect()).clock['node1']).toBe(counter);
    }
    expect((await step(10)).released).toEqual([{ node: 'node1', counter: 3 }]);
    expect((await step()).released).toEqual([]);
    await until('the last is delivered', async () => (await node2.client.read('k')).value === '3');
  });

  it('lets everything go when the rule is removed, by its id or by what it is', async () => {
    const cleared = await node1.call('DELETE', '/faults?id=f1');
    expect(cleared.body).toMatchObject({ node: 'node1', faults: [] });
    await nodes.converged();
    expect(await node2.client.read('k')).toMatchObject({ value: '3' });
  });

  it('is told by /inspect, with how much waits', async () => {
    const { faults, peers } = await node1.client.inspect();
    expect(faults).toEqual([
      {
        id: 'f1',
        kind: 'hold',
        source: 'node1',
        target: 'node2',
        expires_at_ms: null,
        seed: expect.any(Number) as number,
      },
    ]);
    expect(peers[0]).toMatchObject({ node: 'node2', unacked: 3 });
    expect(peers[0]!.held).toBeGreaterThan(0);
  });

  it('holds what is written while it is stepped', async () => {
    await step(3);
    await node1.client.write('k', '4');
    await until('the fourth waits', async () => (await heldDots()).includes(4));
    expect((await step()).released).toEqual([{ node: 'node1', counter: 4 }]);
    await until('the fourth is delivered', async () => (await node2.client.read('k')).value === '4');
  });
});

describe('a rule with an end', () => {
  it('ends by itself', async () => {
    const expires_at_ms = Date.now() + 150;
    await node1.addFaults([{ kind: 'hold', target: 'node2', expires_at_ms }]);
    await node1.client.write('k', '1');
    expect(await node2.client.read('k')).toMatchObject({ value: null });
    await until('k arrives', async () => (await node2.client.read('k')).value === '1');
    expect(Date.now()).toBeGreaterThanOrEqual(expires_at_ms);
    expect((await node1.client.faults()).faults).toEqual([]);
  });
});

describe('a delayed link', () => {
  it('delays messages without holding up the ones behind them', async () => {
    await node1.addFaults([{ kind: 'delay', target: 'node2', delay_ms: 250, jitter_ms: 0 }]);
    const startedMs = performance.now();
    const values = Array.from({ length: 10 }, (_, index) => String(index));
    for (const value of values) await node1.client.write('k', value);
    await until('the last write arrives', async () => (await node2.client.read('k')).value === '9');
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(240);
    // One after the other they would take 2.5 s.
    expect(tookMs).toBeLessThan(2000);
  });

  it('lets what waits go at once when the delay is cleared', async () => {
    await node1.addFaults([{ kind: 'delay', target: 'node2', delay_ms: 600_000, jitter_ms: 0 }]);
    await node1.client.write('k', '1');
    await until('it is delayed', async () => (await node1.client.inspect()).peers[0]!.delayed > 0);
    await node1.call('DELETE', '/faults?target=node2&kind=delay');
    await until('it arrives', async () => (await node2.client.read('k')).value === '1', 1000);
  });

  it('with jitter delivers in the order of the origin all the same', async () => {
    await node1.addFaults([{ kind: 'delay', target: 'node2', delay_ms: 30, jitter_ms: 30 }]);
    let last = 0;
    const written = new AbortController();
    const watch = (async () => {
      while (!written.signal.aborted || last < 60) {
        const counter = (await node2.client.inspect()).clock['node1'] ?? 0;
        const value = Number((await node2.client.read('k')).value ?? 0);
        expect(value).toBeGreaterThanOrEqual(counter);
        expect(value).toBeGreaterThanOrEqual(last);
        last = value;
      }
    })();
    for (let counter = 1; counter <= 60; counter += 1) await node1.client.write('k', String(counter));
    written.abort();
    await watch;
  });
});

describe('a link that loses messages', () => {
  it('delivers everything all the same, once, in the order of the origin', async () => {
    await node1.addFaults([{ kind: 'drop', target: 'node2', percent: 40, seed: 1 }]);
    await writeMany(100);
    await until('messages were lost', async () => (await traffic()).dropped >= 3);
    await nodes.converged();
    expect(await node2.client.read('k')).toMatchObject({ value: '100', siblings: [] });
    const { dropped, messages, acted } = await traffic();
    expect(acted.drop).toBe(dropped);
    expect(dropped).toBeLessThan(messages);
  });

  it('delivers nothing while all are lost, and says which fault it is', async () => {
    await node1.addFaults([{ id: 'f9', kind: 'drop', target: 'node2', percent: 100 }]);
    await writeMany(1);
    const peer = await until('node1 has noticed', async () => {
      const [found] = (await node1.client.inspect()).peers;
      return found?.error === null ? undefined : found;
    });
    expect(peer).toMatchObject({ error: 'fault f9 dropped a message on the link node1:node2', unacked: 1 });
    expect((await traffic()).dropped).toBeGreaterThan(0);
    expect(await node2.client.read('k')).toMatchObject({ value: null });
  });
});

describe('a partitioned link', () => {
  it('is cut one way only by one rule, beside what else stands on it, and heals', async () => {
    await node1.addFaults([
      { id: 'f3', kind: 'partition', target: 'node2' },
      { id: 'f4', kind: 'duplicate', target: 'node2', percent: 100 },
    ]);
    await writeMany(5);
    await node2.client.write('back', '1');
    await until('the other way works', async () => (await node1.client.read('back')).value === '1');
    await until('messages were cut off', async () => ((await traffic()).acted.partition ?? 0) >= 2);
    expect(await traffic()).toMatchObject({ duplicated: 0 });
    expect(await node2.client.read('k')).toMatchObject({ value: null });

    await node1.call('DELETE', '/faults?kind=partition');
    await nodes.converged();
    expect(await node2.client.read('k')).toMatchObject({ value: '5' });
    const { dropped, acted } = await traffic();
    expect(dropped).toBeGreaterThanOrEqual(2);
    expect(acted).toMatchObject({ duplicate: expect.any(Number) as number });
    expect(acted.partition).toBeUndefined();
  });
});

describe('a link that sends messages twice or out of order', () => {
  it('changes nothing of what is delivered', async () => {
    await node1.addFaults([
      { kind: 'duplicate', target: 'node2', percent: 50, seed: 1 },
      { kind: 'reorder', target: 'node2', percent: 50, seed: 1 },
    ]);
    await writeMany(100);
    await until('both have happened', async () => {
      const { duplicated, reordered } = await traffic();
      return duplicated >= 3 && reordered >= 3;
    });
    await nodes.converged();
    expect(await node2.client.read('k')).toMatchObject({ value: '100', siblings: [] });
    expect((await node2.client.inspect()).clock).toMatchObject({ node1: 100 });
  });
});

describe('a rule towards a node that is no peer any more', () => {
  it('can be cleared by its target; for any other stranger that is a mistake', async () => {
    const [port = 0] = await freePorts(1);
    const self = 'node1' as NodeName;
    const former = { id: 'f1', source: self, target: 'node9', expires_at_ms: null, seed: 7 } as const;
    const node = new NodeProcess(
      {
        clusterId: testClusterId,
        clusterName: 'test',
        self,
        instance: 'test',
        members: [{ name: self, port }],
        founders: [self],
        limits: {},
        dataDir: null,
        hasServed: false,
        delivery: 'causal',
        faults: [{ ...former, kind: 'partition' }],
      },
      {
        report: () => undefined,
        onFaults: () => undefined,
        onProgress: () => undefined,
        onHalt: () => undefined,
      },
    );
    await node.open();
    const url = `http://127.0.0.1:${port}`;
    const clear = (target: string) =>
      requestJson({ url: `${url}/faults?target=${target}`, method: 'DELETE', timeoutMs: 10_000 });
    try {
      expect((await clear('node8')).status).toBe(404);
      expect(await new NodeClient({ name: self, url }).faults()).toMatchObject({ faults: [former] });
      expect(await clear('node9')).toMatchObject({ status: 200, body: { faults: [] } });
    } finally {
      await node.close();
    }
  });
});
