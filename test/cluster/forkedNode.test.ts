import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { supervise, type Child, type ForkedNode } from '../../src/cluster/forkedNode.js';
import { parseNodeName } from '../../src/protocol/names.js';
import type { NodeConfig, NodeMessage, SupervisorMessage } from '../../src/protocol/nodeMessages.js';

const self = parseNodeName('node4');
const config: NodeConfig = {
  clusterId: 'c',
  clusterName: 'test',
  self,
  instance: 'i',
  members: [{ name: self, port: 1 }],
  founders: [],
  dataDir: null,
  hasServed: false,
  delivery: 'causal',
  limits: {},
  faults: [],
};

let say: (message: NodeMessage) => void;
let end: (exit: { exitCode?: number; signal?: string }) => void;
let told: SupervisorMessage[];
let progress: string[];
let node: ForkedNode;
let outcome: string | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  progress = [];
  outcome = undefined;
  const exit = new Promise<{ exitCode?: number; signal?: string }>((resolve) => (end = resolve));
  const child: Child = {
    pid: 1,
    on: (_event, listener) => (say = listener),
    send: (message) => told.push(message) > 0,
    kill: () => true,
    then: exit.then.bind(exit),
  };
  node = supervise(child, {
    config,
    onFaults: () => undefined,
    onProgress: (reason) => progress.push(reason),
  });
  node.ready.then(
    () => (outcome = 'ready'),
    (error: unknown) => (outcome = String(error)),
  );
});
afterEach(() => vi.useRealTimers());

describe('a process that starts', () => {
  it('is told what to be, and is ready when it says so', async () => {
    expect(told).toEqual([{ kind: 'start', config }]);
    say({ kind: 'ready', recoveredUpdates: 0 });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(outcome).toBe('ready');
  });

  it('has failed when it says nothing for a minute', async () => {
    await vi.advanceTimersByTimeAsync(59_999);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toMatch(/node4 did not start: it is not ready, and has said nothing for 60 s/);
  });

  it('may take any time while it says what it does, and has a minute from its last word', async () => {
    for (let minute = 0; minute < 10; minute += 1) {
      await vi.advanceTimersByTimeAsync(59_000);
      say({ kind: 'progress', reason: `loads a snapshot from node2: ${minute * 10} %` });
    }
    expect(outcome).toBeUndefined();
    expect(progress.slice(-1)).toEqual(['loads a snapshot from node2: 90 %']);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toMatch(/has said nothing for 60 s/);
  });

  it('has failed with what it said before it ended', async () => {
    say({ kind: 'failed', code: 'KVC_E_DISK_FULL', message: 'no room' });
    end({ exitCode: 1 });
    await expect(node.ready).rejects.toMatchObject({
      code: 'KVC_E_DISK_FULL',
      message: 'node4 did not start: no room',
      facts: { node: 'node4' },
    });
    expect(await node.exited).toEqual({ how: 'ended with status 1: no room', code: 'KVC_E_DISK_FULL' });
  });

  it('has failed when it ends without a word', async () => {
    end({ signal: 'SIGKILL' });
    await expect(node.ready).rejects.toMatchObject({
      code: 'KVC_E_START_FAILED',
      message: 'node4 did not start: it was ended by SIGKILL',
    });
  });
});
