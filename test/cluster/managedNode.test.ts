import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForkedNode, NodeExit } from '../../src/cluster/forkedNode.js';
import { ManagedNode } from '../../src/cluster/managedNode.js';
import { KvcError } from '../../src/errors.js';
import { parseNodeName } from '../../src/protocol/names.js';

/** A process whose every event is the test's to make. */
class FakeProcess implements ForkedNode {
  readonly pid = 1;
  readonly ready: Promise<void>;
  readonly exited: Promise<NodeExit>;
  become: () => void = () => undefined;
  #end: (exit: NodeExit) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  isStopping = false;

  constructor(readonly say: (reason: string) => void) {
    this.ready = new Promise((resolve, reject) => {
      this.become = resolve;
      this.#fail = reject;
    });
    this.exited = new Promise((resolve) => (this.#end = resolve));
    this.ready.catch(() => undefined);
  }

  end(exit: NodeExit = { how: 'ended with status 1', code: undefined }): void {
    this.#fail(new KvcError(exit.code ?? 'KVC_E_START_FAILED', `node1 did not start: it ${exit.how}`));
    this.#end(exit);
  }

  signal(name: NodeJS.Signals): void {
    if (name === 'SIGKILL') this.end({ how: 'was ended by SIGKILL', code: undefined });
  }

  requestStop(): void {
    this.isStopping = true;
  }
}

let processes: FakeProcess[];
let node: ManagedNode;
beforeEach(() => {
  vi.useFakeTimers();
  processes = [];
  node = new ManagedNode({
    name: parseNodeName('node1'),
    port: 7101,
    respPort: 8101,
    fork: (onProgress) => {
      const process = new FakeProcess(onProgress);
      processes.push(process);
      return process;
    },
    onChange: () => undefined,
  });
});
afterEach(() => vi.useRealTimers());

const current = (): FakeProcess => processes.at(-1)!;

async function started(): Promise<void> {
  const start = node.start();
  current().become();
  await start;
}

describe('ManagedNode', () => {
  it('tells what its process does until it is ready', async () => {
    const start = node.start();
    current().say('loads a snapshot from node2: 45 %');
    expect(node.describe()).toMatchObject({ state: 'starting', detail: 'loads a snapshot from node2: 45 %' });
    current().become();
    await start;
    expect(node.describe()).toMatchObject({ state: 'running', detail: null });
    current().say('too late');
    expect(node.describe().detail).toBeNull();
  });

  it('does not take the word of a process that is gone for that of the next', async () => {
    await started();
    current().end();
    await vi.advanceTimersByTimeAsync(100);
    expect(processes).toHaveLength(2);
    processes[0]!.say('of the first');
    expect(node.describe()).toMatchObject({ state: 'starting', detail: null });
    current().say('of the second');
    expect(node.describe().detail).toBe('of the second');
  });

  it('gives up after 20 failures alike, and says so; a start by hand gives it as many again', async () => {
    await started();
    const full: NodeExit = { how: 'ended with status 1: no room', code: 'KVC_E_DISK_FULL' };
    const failUntilItGivesUp = async (): Promise<number> => {
      let count = 0;
      while (node.state !== 'failed') {
        current().end(full);
        count += 1;
        await vi.advanceTimersByTimeAsync(5000);
      }
      return count;
    };
    expect(await failUntilItGivesUp()).toBe(20);
    expect(node.describe().detail).toMatch(/no room; it failed like this 20 times in a row$/);
    await started();
    expect(await failUntilItGivesUp()).toBe(20);
  });

  it('does not count failures that are far apart', async () => {
    await started();
    for (let count = 0; count < 30; count += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      current().end();
      await vi.advanceTimersByTimeAsync(100);
      current().become();
      await vi.advanceTimersByTimeAsync(0);
      expect(node.state).toBe('running');
    }
  });

  it('is ended by force when it does not stop in 5 s, also while it starts', async () => {
    const start = node.start();
    start.catch(() => undefined);
    current().say('asks node2 to admit it');
    const stop = node.stop();
    await vi.advanceTimersByTimeAsync(4999);
    expect(node.state).toBe('starting');
    await vi.advanceTimersByTimeAsync(1);
    await stop;
    await expect(start).rejects.toMatchObject({ code: 'KVC_E_START_FAILED' });
    expect(node.state).toBe('killed');
  });

  it('stays down when it is killed while it restarts', async () => {
    await started();
    const restart = node.restart();
    restart.catch(() => undefined);
    expect(current().isStopping).toBe(true);
    await node.kill();
    await expect(restart).rejects.toMatchObject({ code: 'KVC_E_STATE_CONFLICT' });
    expect(node.state).toBe('killed');
    expect(processes).toHaveLength(1);
  });
});
