import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeClient } from '../../src/client/nodeClient.js';

interface Seen {
  method: string;
  url: string;
  session: string | undefined;
  requestId: string | undefined;
  body: unknown;
}

let server: Server;
let client: NodeClient;
let seen: Seen[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new NodeClient({ name: 'node1', url: `http://127.0.0.1:${port}` });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  seen.push({
    method: request.method ?? '',
    url: request.url ?? '',
    session: request.headers['kvc-session'] as string | undefined,
    requestId: request.headers['kvc-request-id'] as string | undefined,
    body: text === '' ? undefined : JSON.parse(text),
  });
  answer(response);
}

function json(status: number, body: unknown) {
  return (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

const place = { dot: { node: 'node1', counter: 1 }, clock: { node1: 1 }, session: 'kvc1.c.node1:1' };

describe('NodeClient', () => {
  it('sends the session as a header and the time to wait as a parameter', async () => {
    answer = json(200, { key: 'a', value: '1', ...place });
    const result = await client.write('a', '1', { session: 'new', timeoutMs: 700 });
    expect(result.dot).toEqual({ node: 'node1', counter: 1 });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/write?timeout_ms=700',
        session: 'new',
        requestId: undefined,
        body: { key: 'a', value: '1' },
      },
    ]);
  });

  it('sends no session and no time unless asked to', async () => {
    answer = json(200, { key: 'a', value: '1', siblings: [], ...place });
    await client.read('a');
    expect(seen[0]).toEqual({ method: 'GET', url: '/read?key=a' });
  });

  it('names the write, and says at how many nodes it must be durable, if asked to', async () => {
    answer = json(200, { key: 'a', value: '1', writes: [], ...place });
    const terms = { replicas: 2, requestId: '1700000000000-abc', session: 'new' };
    await client.write('a', '1', terms);
    await client.batch([{ key: 'a', value: '1' }], terms);
    await client.remove('a', terms);
    await client.write('a', '1');
    expect(seen.map(({ url, requestId, session }) => [url, requestId, session])).toEqual([
      ['/write?replicas=2', '1700000000000-abc', 'new'],
      ['/batch?replicas=2', '1700000000000-abc', 'new'],
      ['/batch?replicas=2', '1700000000000-abc', 'new'],
      ['/write', undefined, undefined],
    ]);
  });

  it('asks for members and digest, and has nodes leave and be removed', async () => {
    answer = json(200, {
      node: 'node1',
      members: [],
      digest: 'd',
      handed_on_to: ['node2'],
      held: { node2: 41 },
    });
    expect((await client.members()).members).toEqual([]);
    expect((await client.digest()).digest).toBe('d');
    expect((await client.leave({ timeoutMs: 700 })).handed_on_to).toEqual(['node2']);
    expect((await client.removeMember('node2')).held).toEqual({ node2: 41 });
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/members', undefined],
      ['GET', '/digest', undefined],
      ['POST', '/members/leave?timeout_ms=700', {}],
      ['POST', '/members/remove', { node: 'node2' }],
    ]);
  });

  it.each([
    ['members', () => client.members()],
    ['digest', () => client.digest()],
    ['leave', () => client.leave()],
    ['removeMember', () => client.removeMember('node2')],
  ])('does not take a stranger for a node: %s', async (_what, call) => {
    answer = json(200, { node: 'node1' });
    await expect(call()).rejects.toMatchObject({ code: 'KVC_E_NODE_UNREACHABLE' });
  });

  it('sends bytes that are no text as base64', async () => {
    answer = json(200, { writes: [], ...place });
    await client.batch([
      { key: 'a', value: Uint8Array.of(255) },
      { key: 'b', delete: true },
    ]);
    expect(seen[0]?.body).toEqual({
      writes: [
        { key: 'a', value: '/w==', encoding: 'base64' },
        { key: 'b', delete: true },
      ],
    });
  });

  it.each(['..', '.', 'a/../b', 'ü&?#%', ' '])(
    'names the key %j exactly, to read and to delete',
    async (key) => {
      answer = json(200, { key, value: '1', siblings: [], writes: [], ...place });
      await client.read(key);
      await client.remove(key);
      expect(new URL(seen[0]?.url ?? '', 'http://x').searchParams.get('key')).toBe(key);
      expect(seen[1]?.body).toEqual({ writes: [{ key, delete: true }] });
    },
  );

  it('refuses a key that no URL can carry before it is sent', async () => {
    await expect(client.read('\ud800')).rejects.toMatchObject({ code: 'KVC_E_KEY_INVALID' });
    expect(seen).toEqual([]);
  });

  it('returns the clock and the session with a key that has no value', async () => {
    const absent = {
      key: 'a',
      value: null,
      dot: null,
      siblings: [],
      clock: { node2: 4 },
      session: 'kvc1.c.',
    };
    answer = json(404, { error: { code: 'KVC_E_KEY_NOT_FOUND', message: 'no value' }, ...absent });
    expect(await client.read('a')).toEqual(absent);
  });

  it('throws the error that the node answers with, facts included', async () => {
    const missing = [{ node: 'node1', counter: 1 }];
    answer = json(503, { error: { code: 'KVC_E_DEPS_TIMEOUT', message: 'not yet', missing } });
    await expect(client.read('a')).rejects.toMatchObject({ code: 'KVC_E_DEPS_TIMEOUT', facts: { missing } });
  });

  it('throws the 404 of a route that is not there', async () => {
    answer = json(404, { error: { code: 'KVC_E_ROUTE_NOT_FOUND', message: 'no route' } });
    await expect(client.read('a')).rejects.toMatchObject({ code: 'KVC_E_ROUTE_NOT_FOUND' });
  });

  it.each([
    ['other JSON', json(200, { hello: 1 })],
    ['a page', (response: ServerResponse) => response.end('<html>')],
    ['nothing', json(200, null)],
  ])('does not take a stranger on the port for a node: %s', async (_, response) => {
    answer = response;
    await expect(client.clock()).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringContaining('node1') as unknown,
    });
  });

  it('gives up a request that is not answered within its deadline, naming the node', async () => {
    answer = () => undefined;
    await expect(client.inspect({ requestTimeoutMs: 20 })).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringMatching(/^node1 .*within 20 ms/) as unknown,
    });
  });

  it('names the node that refuses the connection', async () => {
    const address = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const gone = new NodeClient({ name: 'node2', url: `http://127.0.0.1:${address.port}` });
    await expect(gone.clock()).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringMatching(/^node2 .*refused/) as unknown,
    });
  });
});
