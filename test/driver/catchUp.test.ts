import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { NodeClient } from '../../src/client/nodeClient.js';
import { requestJson } from '../../src/client/requestJson.js';
import type { DeliveredFacts } from '../../src/core/delivery.js';
import { KvcError } from '../../src/errors.js';
import { realTime } from '../../src/node/realTime.js';
import { CatchUp } from '../../src/driver/catchUp.js';
import type { NodeData } from '../../src/driver/nodeData.js';
import { NodeProcess } from '../../src/node/nodeProcess.js';
import { ReplicaDriver } from '../../src/driver/replicaDriver.js';
import type { RunningNode } from '../../src/driver/runningNode.js';
import type { Startup } from '../../src/driver/startup.js';
import { parseNodeName } from '../../src/protocol/names.js';
import { MemoryKeyStore } from '../../src/storage/memory/memoryKeyStore.js';
import { MemoryTransport } from '../../src/transport/memoryTransport.js';
import { freePorts } from '../support/ports.js';
import { until } from '../support/until.js';
import { someFacts } from '../contracts/keyStore.js';
import { node1, someSource, temporaryDir } from '../storage/updates.js';

afterEach(() => vi.useRealTimers());

const mib = 1024 * 1024;

/**
 * Two nodes, of which the second does not hear the first any more, and lacks more than the first has in its log.
 * @param onProgress - of the second
 */
async function oneBehind(onProgress: (reason: string) => void) {
  const dir = await temporaryDir();
  const ports = await freePorts(2);
  const members = ports.map((port, index) => ({ name: parseNodeName(`node${index + 1}`), port }));
  const halts: KvcError[] = [];
  const nodes = [];
  for (const { name } of members) {
    const config = {
      clusterId: 'c0ffee',
      clusterName: 'test',
      self: name,
      instance: `test-${name}`,
      members,
      founders: members.map((member) => member.name),
      dataDir: path.join(dir, name),
      hasServed: false,
      delivery: 'causal' as const,
      limits: { logBytesMax: mib },
      faults: [],
    };
    await mkdir(config.dataDir);
    const node = new NodeProcess(config, {
      report: () => undefined,
      onFaults: () => undefined,
      onProgress: (reason) => name === 'node2' && onProgress(reason),
      onHalt: (error) => halts.push(error),
    });
    onTestFinished(() => node.close());
    await node.open();
    nodes.push(node);
  }
  const [first, second] = ports.map(
    (port, index) => new NodeClient({ name: `node${index + 1}`, url: `http://127.0.0.1:${port}` }),
  );
  await first!.write('k0', 'both have it');
  await until('node2 has it', async () => (await second!.read('k0')).value !== null);
  const faults = { url: `http://127.0.0.1:${ports[0]!}/faults`, timeoutMs: 5000 };
  await requestJson({
    ...faults,
    method: 'POST',
    body: { faults: [{ kind: 'partition', target: 'node2' }] },
  });
  for (let n = 1; n <= 4; n += 1) await first!.write(`k${n}`, 'v'.repeat(mib / 2));
  await until('the log is short', async () => (await first!.inspect()).log.updates < 4);
  const heal = () => requestJson({ ...faults, method: 'DELETE' });
  return { nodes, clients: [first!, second!] as const, halts, heal };
}

it('a node takes a snapshot while it serves, and goes on with both states', async () => {
  const { clients, halts, heal } = await oneBehind(() => undefined);
  const [, second] = clients;
  await second.write('own', 'of node2');
  await heal();
  await until('node2 has all', async () => (await second.inspect()).keys === 6);
  expect(await second.read('own')).toMatchObject({ value: 'of node2' });
  const { counters } = await second.inspect();
  expect(counters, 'since the process started').toMatchObject({ delivered: 1, snapshots_taken: 1 });
  expect(halts).toEqual([]);
});

it('a node that is closed while it takes over a snapshot does not serve again', async () => {
  const started = vi.spyOn(ReplicaDriver.prototype, 'start');
  onTestFinished(() => started.mockRestore());
  const progress: string[] = [];
  let closing: Promise<void> | undefined;
  const { nodes, halts, heal } = await oneBehind((reason) => {
    progress.push(reason);
    if (reason === 'the node takes over the snapshot that it has loaded') closing = nodes[1]!.close();
  });
  expect(started).toHaveBeenCalledTimes(2);
  await heal();
  await until('it takes over the snapshot', () => closing !== undefined);
  await closing;
  expect(started).toHaveBeenCalledTimes(2);
  expect(progress.at(-1)).toBe('the node is stopping');
  expect(halts).toEqual([]);
});

it('what an attempt fails with is reported when it is new, not at every offer', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const peer = parseNodeName('node2');
  const transport = new MemoryTransport(new Map());
  let why = 'not known yet';
  transport.fetchSnapshot = () => Promise.reject(new KvcError('KVC_E_NODE_UNKNOWN', why));
  const reported: string[] = [];
  const startup = {
    peers: { urls: new Map([[peer, 'http://127.0.0.1:1']]) },
    transport,
    time: realTime(),
    signal: new AbortController().signal,
    report: (level: string, message: string) => reported.push(`${level}: ${message}`),
  } as unknown as Startup;
  const data = { replica: node1, keys: new MemoryKeyStore() } as unknown as NodeData;
  const catchUp = new CatchUp(data, {} as RunningNode, {
    startup,
    resume: () => Promise.reject(new Error('it has nothing to resume with')),
    onFailure: (error) => Promise.reject(error),
  });
  const offer = async (): Promise<void> => {
    vi.advanceTimersByTime(2000);
    catchUp.offered(peer);
    expect(catchUp.underWay).toBeDefined();
    await catchUp.underWay;
  };
  await offer();
  expect(reported).toEqual([
    'info: this node lacks updates that node2 no longer has in its log; it takes a snapshot',
    'warn: could not take a snapshot; another offer is waited for',
  ]);
  await offer();
  await offer();
  expect(reported).toHaveLength(2);
  why = 'overloaded';
  await offer();
  expect(reported).toHaveLength(3);
});

/** A node that has a snapshot of node2 staged whole, and whose driver ends like this when it is closed. */
async function aboutToTakeOver({
  unwritten,
  refusals,
}: {
  unwritten?: KvcError;
  refusals: (KvcError | undefined)[];
}) {
  vi.useFakeTimers({ toFake: ['performance'] });
  const peer = parseNodeName('node2');
  const keys = new MemoryKeyStore();
  await keys.beginStaging(someSource, someFacts);
  await keys.stage({ requests: [], keys: [] }, 'complete');
  const startup = {
    peers: { urls: new Map([[peer, 'http://127.0.0.1:1']]) },
    time: realTime(),
    signal: new AbortController().signal,
    report: () => undefined,
    become: () => undefined,
  } as unknown as Startup;
  const install = vi.fn(() => Promise.resolve());
  const resume = vi.fn<(facts: DeliveredFacts) => Promise<void>>(() => Promise.resolve());
  const onFailure = vi.fn(() => Promise.resolve());
  const facts = { ...someFacts, timestamp: 7 };
  const node = {
    replica: { self: node1, refusalOfState: () => refusals.shift(), facts: () => facts },
    driver: {
      cut: () => Promise.resolve({ close: () => undefined }),
      close: () => Promise.resolve(unwritten),
    },
    snapshots: { close: () => undefined },
    watches: { close: () => Promise.resolve() },
  } as unknown as RunningNode;
  const data = { replica: node1, keys, install } as unknown as NodeData;
  const catchUp = new CatchUp(data, node, { startup, resume, onFailure });
  vi.advanceTimersByTime(2000);
  catchUp.offered(peer);
  await catchUp.underWay;
  return { keys, install, resume, onFailure, facts };
}

it('a node that could not write all it had before it takes over a snapshot must not go on', async () => {
  const unwritten = new KvcError('KVC_E_DISK_FULL', 'full');
  const { install, resume, onFailure } = await aboutToTakeOver({ unwritten, refusals: [] });
  expect(onFailure).toHaveBeenCalledWith(unwritten);
  expect(install).not.toHaveBeenCalled();
  expect(resume).not.toHaveBeenCalled();
});

it('a node that has stopped for a snapshot which it may no longer take goes on with what it has', async () => {
  const refusals = [undefined, new KvcError('KVC_E_REMOVED', 'node2 left', { replica: 'node2' })];
  const { keys, install, resume, onFailure, facts } = await aboutToTakeOver({ refusals });
  expect(resume).toHaveBeenCalledWith(facts);
  expect(keys.staged).toBeUndefined();
  expect(install).not.toHaveBeenCalled();
  expect(onFailure).not.toHaveBeenCalled();
});
