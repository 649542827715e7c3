import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { firstReplicaId, type NodeName } from '../../src/core/ids.js';
import { HttpTransport } from '../../src/transport/httpTransport.js';
import { until } from '../support/until.js';
import { listen, listenAsNode, unusedUrl, type HttpPeer } from './httpPeer.js';
import { answerWith, message, update } from './messages.js';

const self = 'node1' as NodeName;
const peer = 'node2' as NodeName;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function transportTo(url: string, timeoutMs = 5000): HttpTransport {
  const transport = new HttpTransport(new Map([[peer, url]]), { clusterId: 'c1', timeoutMs });
  open.unshift(transport);
  return transport;
}

function opened(server: HttpPeer): HttpPeer {
  open.push(server);
  return server;
}

const answersOnce = (status: number, body: string) =>
  listen((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(body));
  }).then(opened);

const fetchSnapshot = (transport: HttpTransport) =>
  transport.fetchSnapshot(peer, { from: firstReplicaId(self), snapshot: null, position: null });

const requests: readonly (readonly [string, (transport: HttpTransport) => Promise<unknown>])[] = [
  ['a message', (transport) => transport.send(peer, message([]))],
  ['a request for a snapshot', fetchSnapshot],
  [
    'a request to join',
    (transport) => transport.join(peer, { replica: firstReplicaId(self), address: 'http://127.0.0.1:1' }),
  ],
];

describe('HttpTransport', () => {
  it('says that the peer refused the connection', async () => {
    const url = await unusedUrl();
    await expect(transportTo(url).send(peer, message([]))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: `node2 (${url}) refused the connection`,
      facts: { node: 'node2' },
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it.each(requests)('says how long the peer did not answer %s', async (_, ask) => {
    const { url } = opened(await listen(() => undefined));
    await expect(ask(transportTo(url, 100))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: `node2 (${url}) did not answer within 0.1 s`,
    });
  });

  it('says so also where the answer to a request for a snapshot stops half way', async () => {
    const half = (response: ServerResponse) =>
      response.writeHead(200, { 'content-length': 10 }).write('half');
    const { url } = opened(await listen((_, response) => half(response)));
    await expect(fetchSnapshot(transportTo(url, 100))).rejects.toMatchObject({
      message: `node2 (${url}) did not answer within 0.1 s`,
    });
  });

  it.each(requests)('says that it was closed to whoever waits for the answer to %s', async (_, ask) => {
    const { url } = opened(await listen(() => undefined));
    const transport = transportTo(url);
    const outcome = expect(ask(transport)).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    await setImmediate();
    await transport.close();
    await outcome;
  });

  it('fails everything that is under way when the connection breaks, and connects again', async () => {
    let requests = 0;
    const server = opened(
      await listen((request, response) => {
        request.resume().on('end', () => {
          requests += 1;
          if (requests === 1) request.socket.destroy();
          else
            response.end(
              JSON.stringify({ from: 'node2', clock: { node1: 9 }, received: {}, refused: 0, unreached: [] }),
            );
        });
      }),
    );
    const transport = transportTo(server.url);

    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((counter) => transport.send(peer, message([update(counter)]))),
    );

    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: {
          code: 'KVC_E_NODE_UNREACHABLE',
          message: expect.stringContaining('broke the connection') as string,
        },
      });
    }
    expect(await transport.send(peer, message([update(4)]))).toEqual(answerWith(9));
  });

  it.each([
    ['no JSON', 'hello'],
    ['no acknowledgement', '{"clock":{"node1":-1},"received":{},"refused":0}'],
    ['too large', `{"clock":{},"received":{},"refused":${' '.repeat(2 * 1024 * 1024)}0}`],
  ])('takes an answer that is %s for no answer', async (_, body) => {
    const { url } = await answersOnce(200, body);
    await expect(transportTo(url).send(peer, message([]))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringContaining(url) as string,
    });
  });

  it.each(requests)('reports the status where %s is refused by something that is not kvc', async (_, ask) => {
    const { url } = await answersOnce(502, '<html>');
    await expect(ask(transportTo(url))).rejects.toMatchObject({
      code: 'KVC_E_INTERNAL',
      facts: { http_status: 502 },
    });
  });

  it('ends its connection to where a peer was when that listens elsewhere', async () => {
    const ended: string[] = [];
    const answer = JSON.stringify({ from: 'node2', clock: {}, received: {}, refused: 0, unreached: [] });
    const listenAs = (name: string) =>
      listen((request, response) => {
        request.socket.once('close', () => ended.push(name));
        request.resume().on('end', () => response.end(answer));
      }).then(opened);
    const other = 'node3' as NodeName;
    const peers = new Map([
      [other, (await listenAs('other')).url],
      [peer, (await listenAs('before')).url],
    ]);
    const transport = new HttpTransport(peers, { clusterId: 'c1' });
    open.unshift(transport);
    await transport.send(other, message([]));
    await transport.send(peer, message([]));
    peers.set(peer, (await listenAs('after')).url);
    await transport.send(peer, message([]));
    // The server would end it by itself after 5 s without a request.
    await until('a connection has ended', () => ended.length > 0, 3000);
    expect(ended).toEqual(['before']);
  });

  it('knows its peers only', async () => {
    await expect(
      transportTo('http://127.0.0.1:1').send('stranger' as NodeName, message([])),
    ).rejects.toMatchObject({ code: 'KVC_E_NODE_UNKNOWN' });
  });

  it('brings a message of the greatest size', async () => {
    const big = {
      ...update(1),
      operations: [1, 2, 3, 4].map((index) => ({
        kind: 'put' as const,
        key: `key${index}`,
        value: new Uint8Array(1024 * 1024 - 16).fill(255),
      })),
    };
    let received = 0;
    const server = opened(
      await listenAsNode(() => ({
        replicate: (got) => {
          received = got.updates[0]?.operations.length ?? 0;
          return Promise.resolve(answerWith(1));
        },
        snapshot: () => Promise.reject(new Error('nobody asks for it')),
        join: () => Promise.reject(new Error('nobody asks for it')),
      })),
    );
    expect(await transportTo(server.url).send(peer, message([big]))).toEqual(answerWith(1));
    expect(received).toBe(4);
  });
});
