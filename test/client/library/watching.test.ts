import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type KvcClient, type WatchEvent } from '../../../src/index.js';
import {
  changeText,
  eventText,
  readyText,
  startEventServer,
  type EventServer,
} from '../../support/eventServer.js';
import { testClusterId } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function server(...args: Parameters<typeof startEventServer>): Promise<EventServer> {
  const started = await startEventServer(...args);
  closing.push(started.stop);
  return started;
}

async function clientOf(servers: readonly EventServer[], timeout = 3000): Promise<KvcClient> {
  const client = await connect({ nodes: servers.map(({ url }) => url), timeout });
  closing.push(() => client.close());
  return client;
}

async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

const values = (events: readonly WatchEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'change'
      ? event.writes.map((write) => (write.kind === 'put' ? write.value : write.kind))
      : [],
  );

describe('a watch', () => {
  it('tells what a node sends: values by the codec, changes of counters and sets, gaps and states', async () => {
    const dot = { node: 'node1', counter: 3 };
    const token = `kvc1.${testClusterId}.node1:3`;
    const writes = [
      { key: 'a', kind: 'put', value: '{"x":1}', expires_at_ms: 9 },
      { key: 'b', kind: 'put', value: '/w==', encoding: 'base64' },
      { key: 'c', kind: 'delete' },
      { key: 'd', kind: 'increment', amount: -2 },
      { key: 'e', kind: 'add', value: 'm' },
      { key: 'e', kind: 'remove', value: '/w==', encoding: 'base64' },
      { key: 'f', kind: 'expire', expired: dot },
    ];
    const state = { key: 's', value: '["m"]', type: 'set', members: [{ value: 'm' }], dot, siblings: [] };
    const node = await server('node1', (response) => {
      response.write(': beat\n\n');
      response.write(eventText('change', { dot, writes, time_ms: 5, session: token, cursor: token }, token));
      response.write(eventText('gap', { missed: { node2: [1, 4] } }));
      response.write(eventText('news', { later: 'version' }));
      response.write(eventText('state', state));
      response.write(readyText(3));
    });
    const client = await clientOf([node]);
    expect(await take(client.watch(''), 4)).toEqual([
      {
        kind: 'change',
        dot,
        writes: [
          { key: 'a', kind: 'put', value: { x: 1 }, expiresAt: 9 },
          { key: 'b', kind: 'put', value: Uint8Array.of(255) },
          { key: 'c', kind: 'delete' },
          { key: 'd', kind: 'increment', amount: -2 },
          { key: 'e', kind: 'add', member: 'm' },
          { key: 'e', kind: 'remove', member: Uint8Array.of(255) },
          { key: 'f', kind: 'expire', expired: dot },
        ],
        time: 5,
        cursor: token,
        node: 'node1',
      },
      { kind: 'gap', missed: { node2: [1, 4] }, node: 'node1' },
      {
        kind: 'state',
        entry: { key: 's', value: ['m'], type: 'set', dot, siblings: [], node: 'node1', token },
        node: 'node1',
      },
      { kind: 'ready', cursor: token, node: 'node1' },
    ]);
  });

  it('lets the session see an event when it is taken, and not before', async () => {
    const node = await server('node1', (response) => response.write(changeText(1) + changeText(2)));
    const client = await clientOf([node]);
    for await (const event of client.watch('')) {
      if (event.kind === 'change') expect(client.token).toBe(event.cursor);
      if (client.token.endsWith('node1:2')) break;
    }
  });

  it('goes on at another node also when there was nothing to tell for longer than it looks for one', async () => {
    let breakOff = (): void => undefined;
    const broken = await server('node1', (response) => {
      response.write(readyText(1));
      breakOff = () => response.destroy();
    });
    const healthy = await server('node2', (response) => response.write(changeText(2)));
    const client = await clientOf([broken, healthy], 100);
    const events = client.watch('')[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    await sleep(700);
    breakOff();
    expect(await next).toMatchObject({ value: { kind: 'change', node: 'node2' } });
    await events.return?.();
  });

  it('goes on at another node behind what was taken, when its node breaks the connection', async () => {
    const broken = await server('node1', (response) => {
      response.write(readyText(0) + changeText(1));
      setTimeout(() => response.destroy(), 20);
    });
    const healthy = await server('node2', (response) => response.write(changeText(2) + changeText(3)));
    const client = await clientOf([broken, healthy]);
    const events = await take(client.watch('', { from: 'new' }), 4);
    expect(values(events)).toEqual([1, 2, 3]);
    expect(broken.begun).toEqual(['new']);
    expect(healthy.begun).toEqual([`kvc1.${testClusterId}.node1:1`]);
  });

  it('goes on behind what a heartbeat told, too', async () => {
    let times = 0;
    const node = await server('node1', (response) => {
      times += 1;
      if (times > 1) return void response.write(changeText(8));
      response.write(changeText(1) + `id: kvc1.${testClusterId}.node1:7\n\n`);
      setTimeout(() => response.end(), 20);
    });
    const client = await clientOf([node]);
    expect(values(await take(client.watch(''), 2))).toEqual([1, 8]);
    expect(node.begun).toEqual([null, `kvc1.${testClusterId}.node1:7`]);
  });

  it('goes on when its node ended it for being slow', async () => {
    let times = 0;
    const node = await server('node1', (response) => {
      times += 1;
      const error = { error: { code: 'KVC_E_WATCH_LOST', message: 'too slow' } };
      if (times === 1) response.end(changeText(1) + eventText('error', error));
      else response.write(changeText(2));
    });
    const client = await clientOf([node]);
    expect(values(await take(client.watch(''), 2))).toEqual([1, 2]);
    expect(node.begun).toEqual([null, `kvc1.${testClusterId}.node1:1`]);
  });

  it('gives up when no node has served it for too long', async () => {
    const node = await server('node1', (response) => response.destroy());
    const client = await clientOf([node], 100);
    await expect(take(client.watch(''), 1)).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      facts: {
        attempts: expect.arrayContaining([{ node: 'node1', code: 'KVC_E_NODE_UNREACHABLE' }]) as unknown,
      },
    });
    expect(node.begun.length).toBeGreaterThan(1);
  });

  it('fails at once where every node would say the same', async () => {
    const refusal = { error: { code: 'KVC_E_TOKEN_FOREIGN', message: 'not here' } };
    const node = await server('node1', (response) => response.end(eventText('error', refusal)));
    const client = await clientOf([node]);
    await expect(take(client.watch('', { from: 'kvc1.x.' }), 1)).rejects.toMatchObject({
      code: 'KVC_E_TOKEN_FOREIGN',
    });
    expect(node.begun).toHaveLength(1);
    expect(() => client.watch('\ud800')).toThrow(expect.objectContaining({ code: 'KVC_E_KEY_INVALID' }));
  });

  it('reads no further while nobody takes what came', async () => {
    const value = JSON.stringify('x'.repeat(64 * 1024));
    let sent = 0;
    const node = await server('node1', (response) => {
      const fill = (): void => {
        while (sent < 2000 && response.write(changeText((sent += 1), value)));
      };
      response.on('drain', fill);
      fill();
    });
    const client = await clientOf([node]);
    const events = client.watch('')[Symbol.asyncIterator]();
    await events.next();
    await until('the node has to wait', async () => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return sent === before;
    });
    expect(sent).toBeLessThan(500);
    for (let taken = 1; taken < 2000; taken += 1) {
      const { value: event } = (await events.next()) as { value: WatchEvent };
      if (event.kind === 'change') expect(event.dot.counter).toBe(taken + 1);
    }
    await events.return?.();
  });

  it('ends with its signal, with its client and with its loop, and lets the connection go', async () => {
    let open = 0;
    const node = await server('node1', (response) => {
      open += 1;
      response.on('close', () => (open -= 1));
      response.write(readyText(0));
    });
    const client = await clientOf([node]);
    const controller = new AbortController();
    const aborted = take(client.watch('', { signal: controller.signal }), 2).catch((error: unknown) => error);
    const fork = client.session();
    const closed = take(fork.watch(''), 2).catch((error: unknown) => error);
    await until('both watch', () => open === 2);
    controller.abort();
    expect(await aborted).toMatchObject({ code: 'KVC_E_ABORTED' });
    await fork.close();
    expect(await closed).toMatchObject({ code: 'KVC_E_CLOSED' });
    await take(client.watch(''), 1);
    await until('all are let go', () => open === 0);
  });
});
