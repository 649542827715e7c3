import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { startHungServer } from '../../support/hungServer.js';
import { Forwarder } from '../../support/forwarder.js';
import { TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let first: Forwarder;
let client: KvcClient;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 2 });
  first = await Forwarder.start(nodes.node(1));
  client = await connect({ nodes: [first.url, nodes.node(2).url] });
});
afterEach(async () => {
  await client.close();
  await first.stop();
  await nodes.stop();
});

describe('a call whose signal is aborted', () => {
  it('ends at once, while a node is asked', async () => {
    first.passage = () => 'hang';
    const controller = new AbortController();
    const writing = client.set('a', 1, { signal: controller.signal, node: 'node1' });
    await until('it is sent', () => first.seen.length === 1);
    controller.abort();
    await expect(writing).rejects.toMatchObject({ code: 'KVC_E_ABORTED', definite: false });
  });

  it('ends at once, between two attempts', async () => {
    await first.stop();
    await nodes.stop();
    const controller = new AbortController();
    const reading = client.get('a', { signal: controller.signal, timeout: 60_000 });
    setTimeout(() => controller.abort(), 300);
    await expect(reading).rejects.toMatchObject({ code: 'KVC_E_ABORTED' });
  });

  it('is not made if it was before', async () => {
    await expect(client.set('a', 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'KVC_E_ABORTED',
    });
    expect(first.seen).toEqual([]);
  });

  it('leaves the others alone', async () => {
    const controller = new AbortController();
    await client.set('a', 1, { signal: controller.signal });
    controller.abort();
    expect(await client.get('a')).toMatchObject({ value: 1 });
  });
});

describe('a client that is closed', () => {
  it('refuses calls, and ends those under way', async () => {
    first.passage = () => 'hang';
    const reading = client.get('a', { node: 'node1' }).catch((error: unknown) => error);
    const derived = client.session();
    await until('it is sent', () => first.seen.length === 1);
    await client.close();
    expect(await reading).toMatchObject({ code: 'KVC_E_ABORTED' });
    await expect(client.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED', definite: true });
    await expect(derived.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    expect(() => client.at('node2')).toThrow(expect.objectContaining({ code: 'KVC_E_CLOSED' }));
    await client.close();
  });

  it('was made from another one, which goes on', async () => {
    const fork = client.session();
    await fork.set('a', 1);
    await fork.close();
    await expect(fork.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    expect(await client.get('b')).toMatchObject({ value: undefined });
  });

  it('was to be closed by the signal of its connecting', async () => {
    const controller = new AbortController();
    const other = await connect({ nodes: [first.url], signal: controller.signal });
    await other.set('a', 1);
    controller.abort();
    await expect(other.get('a')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
  });

  it('was never connected, for its signal was aborted meanwhile', async () => {
    const hung = await startHungServer();
    try {
      const connecting = connect({ nodes: [hung.url], signal: AbortSignal.timeout(50) });
      await expect(connecting).rejects.toMatchObject({ code: 'KVC_E_ABORTED' });
    } finally {
      await hung.stop();
    }
  });
});

describe('a process', () => {
  const run = promisify(execFile);
  const script = (end: string) => `
    import { connect } from './src/index.ts';
    const client = await connect({ nodes: ['${nodes.node(1).url}'] });
    await Promise.all([client.set('a', 1), client.set('b', 2), client.get('c')]);
    ${end}
    console.log('done');`;
  const execute = (end: string) =>
    run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script(end)], {
      timeout: 20_000,
    });

  it('ends when its clients are closed: no handle stays open', async () => {
    const kinds = `await client.close();
      await new Promise((resolve) => setImmediate(resolve));
      const open = process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));
      if (open.length > 0) throw new Error(open.join());`;
    expect((await execute(kinds)).stdout).toBe('done\n');
  });

  it('ends also when a client is idle: that keeps nothing alive', async () => {
    expect((await execute('')).stdout).toBe('done\n');
  });
});

it('sends no more than a bounded number of requests at a time', async () => {
  first.passage = () => 'hang';
  const calls = Array.from({ length: 1100 }, () => client.get('a', { node: 'node1', timeout: 400 }));
  const outcomes = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
  expect(first.seen.length).toBeLessThanOrEqual(32);
  expect(outcomes).toContainEqual(
    expect.objectContaining({
      facts: expect.objectContaining({
        attempts: expect.arrayContaining([{ node: 'node1', code: 'KVC_E_OVERLOADED' }]) as unknown,
      }) as unknown,
    }),
  );
});
