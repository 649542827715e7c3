import { request, type IncomingMessage } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { SseParser } from '../../src/client/sseParser.js';
import { MemoryUpdateLog } from '../../src/storage/memoryLog.js';
import { runClients } from '../support/runClients.js';
import { TestNodes, type TestNode, type TestNodesOptions } from '../support/testNodes.js';
import { until } from '../support/until.js';
import { Watching } from '../support/watching.js';

const updates = 300;
const valueBytes = 100_000;

async function startOne(limits: TestNodesOptions['limits']): Promise<TestNode> {
  const nodes = await TestNodes.start({ count: 1, limits: { logKeptBytes: 64 * 1024 * 1024, ...limits } });
  onTestFinished(() => nodes.stop());
  const node = nodes.node(1);
  await runClients(8, updates, (index) => node.client.write(`k${index}`, 'x'.repeat(valueBytes)));
  return node;
}

/** A watcher that takes nothing until it reads. */
function watchSilently(node: TestNode, from: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${node.url}/watch?from=${from}`, { agent: false }, resolve);
    asked.on('error', reject);
    onTestFinished(() => void asked.destroy());
    asked.end();
  });
}

/** Up to which update the log was read. */
function countReads(): () => number {
  const read = vi.spyOn(MemoryUpdateLog.prototype, 'read');
  onTestFinished(() => read.mockRestore());
  return () => read.mock.calls.reduce((last, [, first]) => Math.max(last, first), 0);
}

/** The number has not changed for a while. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  let sinceMs = performance.now();
  return until('it stands still', () => {
    const now = count();
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    return performance.now() - sinceMs > 200 && now > 0 && now;
  });
}

it('reads the log for a slow watcher only as that takes what it is sent, and leaves nothing out', async () => {
  const node = await startOne({});
  const reads = countReads();
  const response = await watchSilently(node, 'new');
  // What the connection's own buffers take is a few MiB.
  expect(await settled(reads)).toBeLessThan(updates / 2);
  const parser = new SseParser();
  const counters: number[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const events = parser.push(chunk);
    for (const { type, data } of events) {
      if (type === 'change') counters.push((JSON.parse(data) as { dot: { counter: number } }).dot.counter);
    }
    if (events.some(({ type }) => type === 'ready')) break;
  }
  expect(counters).toEqual(Array.from({ length: updates }, (_, index) => index + 1));
});

it('cuts off a watcher that takes nothing for too long; it goes on with its cursor', async () => {
  const node = await startOne({ watchStallMsMax: 300, watchersMax: 1 });
  const response = await watchSilently(node, 'new');
  const first = await until('there is room for another watch', async () => {
    const watching = new Watching(node);
    await watching.ready();
    return watching;
  });
  await first.stop();
  const parser = new SseParser();
  const got: string[] = [];
  const reading = (async () => {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      got.push(...parser.push(chunk).map(({ type }) => type));
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(got.length).toBeGreaterThan(0);
  expect(got.length).toBeLessThan(updates);
  const rest = await until('there is room again', async () =>
    new Watching(node, { from: parser.lastId }).ready(),
  );
  expect(rest.changes.map(({ dot }) => dot.counter)).toEqual(
    Array.from({ length: updates - got.length }, (_, index) => got.length + index + 1),
  );
});

it('does not hold up the end of its node', async () => {
  const node = await startOne({});
  const reads = countReads();
  const response = await watchSilently(node, 'new');
  await settled(reads);
  const beganAt = performance.now();
  await node.close();
  expect(performance.now() - beganAt).toBeLessThan(2000);
  response.on('error', () => undefined);
});
