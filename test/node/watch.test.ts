import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { decodeToken } from '../../src/protocol/sessionToken.js';
import { NodeWatch } from '../../src/client/watchNode.js';
import { SseParser } from '../../src/client/sseParser.js';
import { expectRefused, type RefusedRequest } from '../support/refusedRequest.js';
import { TestNodes, type TestNodesOptions } from '../support/testNodes.js';
import { until } from '../support/until.js';
import { Watching } from '../support/watching.js';

async function start(options: TestNodesOptions = {}): Promise<TestNodes> {
  const nodes = await TestNodes.start(options);
  onTestFinished(() => nodes.stop());
  return nodes;
}

describe('a watch', () => {
  let nodes: TestNodes;
  beforeEach(async () => {
    nodes = await TestNodes.start();
    return () => nodes.stop();
  });

  it('is ready at once, and from then on tells what every node writes, each after all that it depends on', async () => {
    await nodes.node(1).client.write('before', 'x');
    await nodes.converged();
    const watching = await new Watching(nodes.node(3)).ready();
    // What depends on node1:2 arrives long before it.
    await nodes.node(1).addFaults([{ kind: 'delay', target: 'node3', delay_ms: 300, jitter_ms: 0 }]);
    const first = await nodes.node(1).client.write('a', '1', { session: 'new' });
    await nodes.node(2).client.write('b', '2', { session: first.session });
    await nodes.node(3).client.write('c', '3', { session: 'new' });
    await watching.changed(3);
    expect(watching.kinds[0]).toBe('ready');
    const dots = watching.dots;
    expect([...dots].sort()).toEqual(['node1:2', 'node2:1', 'node3:1']);
    expect(dots.indexOf('node1:2')).toBeLessThan(dots.indexOf('node2:1'));
  });

  it('tells of each update what was done, when, and a session that has seen it alone', async () => {
    const watching = await new Watching(nodes.node(1)).ready();
    const beforeMs = Date.now();
    await nodes.node(1).client.batch([
      { key: 'text', value: 'ä' },
      { key: 'bytes', value: Uint8Array.of(255) },
      { key: 'gone', delete: true },
    ]);
    await watching.changed(1);
    const [change] = watching.changes;
    expect(change).toMatchObject({
      dot: { node: 'node1', counter: 1 },
      writes: [
        { key: 'text', kind: 'put', value: 'ä' },
        { key: 'bytes', kind: 'put', value: '/w==', encoding: 'base64' },
        { key: 'gone', kind: 'delete' },
      ],
    });
    expect(change!.time_ms).toBeGreaterThanOrEqual(beforeMs);
    expect(change!.time_ms).toBeLessThanOrEqual(Date.now());
    expect([...decodeToken(change!.session).context]).toEqual([['node1', 1]]);
    expect(await nodes.node(2).client.read('text', { session: change!.session })).toMatchObject({
      value: 'ä',
    });
  });

  it('tells of counters, sets and what expires', async () => {
    const watching = await new Watching(nodes.node(2)).ready();
    const writes = [
      { key: 'n', increment: -3 },
      { key: 's', add: 'ä' },
      { key: 's', remove: '/w==', encoding: 'base64' },
      { key: 't', value: 'x', ttl_ms: 50 },
    ];
    const { status } = await nodes.node(1).call('POST', '/batch', { body: { writes } });
    expect(status).toBe(200);
    await watching.changed(2);
    expect(watching.changes.map((change) => change.writes)).toEqual([
      [
        { key: 'n', kind: 'increment', amount: -3 },
        { key: 's', kind: 'add', value: 'ä' },
        { key: 's', kind: 'remove', value: '/w==', encoding: 'base64' },
        { key: 't', kind: 'put', value: 'x', expires_at_ms: expect.any(Number) as number },
      ],
      [{ key: 't', kind: 'expire', expired: { node: 'node1', counter: 1 } }],
    ]);
  });

  it('tells an atomic batch as one change, with those of its writes that have the prefix', async () => {
    const watching = await new Watching(nodes.node(2), { prefix: 'user/' }).ready();
    const { client } = nodes.node(1);
    await client.write('other', '1');
    await client.batch([
      { key: 'user/a', value: '1' },
      { key: 'userb', value: '2' },
      { key: 'user/c', value: '3' },
    ]);
    await client.write('user/', 'last');
    await watching.changed(2);
    expect(watching.changes.map(({ writes }) => writes.map(({ key }) => key))).toEqual([
      ['user/a', 'user/c'],
      ['user/'],
    ]);
    expect(watching.dots).toEqual(['node1:2', 'node1:3']);
  });

  it('goes on behind any cursor at any node, with exactly what came after it', async () => {
    for (let n = 0; n < 30; n += 1) await nodes.node((n % 3) + 1).client.write(`k${n}`, 'x');
    await nodes.converged();
    const whole = (await new Watching(nodes.node(1), { from: 'new' }).ready()).changes;
    expect(whole).toHaveLength(30);
    for (const at of [0, 7, 28, 29]) {
      const from = whole[at]!.cursor;
      const rest = await new Watching(nodes.node((at % 2) + 2), { from }).ready();
      expect(rest.dots).toEqual(whole.slice(at + 1).map(({ dot }) => `${dot.node}:${dot.counter}`));
      expect(rest.cursor).toBe(whole.at(-1)!.cursor);
    }
  });

  it('takes a session token: it tells what the session has not seen, also where the node lacks what it has seen', async () => {
    await nodes.holdAll();
    const { session } = await nodes.node(1).client.write('a', '1', { session: 'new' });
    const watching = await new Watching(nodes.node(2), { from: session }).ready();
    await nodes.node(1).client.write('b', '2', { session });
    await nodes.node(2).client.write('c', '3');
    await nodes.healAll();
    await watching.changed(2);
    expect(watching.dots.sort()).toEqual(['node1:2', 'node2:1']);
  });

  it('goes on behind the header Last-Event-ID, which a browser sends beside the first `from`', async () => {
    const { client, url } = nodes.node(1);
    for (const key of ['a', 'b', 'c']) await client.write(key, '1');
    const [, second] = (await new Watching(nodes.node(1), { from: 'new' }).ready()).changes;
    const answer = await fetch(`${url}/watch?from=new`, { headers: { 'last-event-id': second!.cursor } });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const parser = new SseParser();
    const types: string[] = [];
    for await (const chunk of answer.body!) {
      types.push(...parser.push(chunk as Uint8Array).map(({ type }) => type));
      if (types.length >= 2) break;
    }
    expect(types).toEqual(['change', 'ready']);
  });

  it('is no request that is being served', async () => {
    const busy = await start({ count: 1, limits: { openRequestsMax: 1 } });
    await new Watching(busy.node(1)).ready();
    await expect(busy.node(1).client.write('a', '1')).resolves.toMatchObject({ value: '1' });
  });
});

describe('a watch is refused', () => {
  const requests: RefusedRequest[] = [
    ['an unknown parameter', 'GET', '/watch?since=1', {}, 'KVC_E_BAD_REQUEST', 'since'],
    ['two prefixes', 'GET', '/watch?prefix=a&prefix=b', {}, 'KVC_E_BAD_REQUEST', 'prefix'],
    [
      'a prefix that is too long',
      'GET',
      `/watch?prefix=${'x'.repeat(1025)}`,
      {},
      'KVC_E_KEY_INVALID',
      'prefix',
    ],
    ['a broken escape', 'GET', '/watch?prefix=%ff', {}, 'KVC_E_BAD_REQUEST', 'UTF-8'],
    ['no token', 'GET', '/watch?from=', {}, 'KVC_E_TOKEN_INVALID'],
    ['a wrong token', 'GET', '/watch?from=kvc1.c0ffee.node1:0', {}, 'KVC_E_TOKEN_INVALID'],
    ['a foreign token', 'GET', '/watch?from=kvc1.beef.node1:1', {}, 'KVC_E_TOKEN_FOREIGN', 'beef'],
    ['a wrong header', 'GET', '/watch', { headers: { 'last-event-id': '7' } }, 'KVC_E_TOKEN_INVALID'],
    ['another method', 'POST', '/watch', { body: {} }, 'KVC_E_METHOD_NOT_ALLOWED', 'GET'],
    ['another host', 'GET', '/watch', { headers: { host: 'example.com' } }, 'KVC_E_HOST_FORBIDDEN'],
  ];
  it.each(requests)('with %s', async (...request) => {
    const nodes = await start({ count: 1 });
    await expectRefused(nodes.node(1), request);
  });

  it('beyond the number of watches that there may be, until one ends', async () => {
    const nodes = await start({ count: 1, limits: { watchersMax: 2 } });
    const first = await new Watching(nodes.node(1)).ready();
    await new Watching(nodes.node(1)).ready();
    const refused = await new Watching(nodes.node(1)).failed();
    expect(refused).toMatchObject({
      code: 'KVC_E_OVERLOADED',
      message: expect.stringContaining('2 watches') as string,
    });
    await first.stop();
    await until('there is room for another', async () => {
      await new Watching(nodes.node(1)).ready();
      return true;
    });
  });
});

describe('the end of a node', () => {
  it('ends its watches with an error that says so, and is not held up by them', async () => {
    const nodes = await start({ count: 1 });
    const watching = await new Watching(nodes.node(1)).ready();
    const silent = new NodeWatch(nodes.node(1)).events();
    await silent.next();
    const beganAt = performance.now();
    await nodes.node(1).close();
    expect(performance.now() - beganAt).toBeLessThan(2000);
    expect(await watching.failed()).toMatchObject({
      code: 'KVC_E_NOT_READY',
      message: expect.stringContaining('stops') as string,
    });
    await expect(silent.next()).rejects.toMatchObject({ code: 'KVC_E_NOT_READY' });
  });
});
