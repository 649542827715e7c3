import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { firstReplicaId, type NodeName } from '../../src/core/ids.js';
import type { Update } from '../../src/core/update.js';
import { KvcError } from '../../src/errors.js';
import { encodeError } from '../../src/protocol/errorJson.js';
import { AnswerWriter } from '../../src/protocol/link/answerCodec.js';
import { ByteWriter } from '../../src/protocol/link/byteWriter.js';
import { FrameReader } from '../../src/protocol/link/frameReader.js';
import { MessageReader } from '../../src/protocol/link/messageCodec.js';
import { LinkTransport } from '../../src/transport/linkTransport.js';
import { until } from '../support/until.js';
import { listen, listenAsLink, listenAsNode, unusedUrl, type HttpPeer } from './httpPeer.js';
import { answerWith, message, update } from './messages.js';

const self = 'node1' as NodeName;
const peer = 'node2' as NodeName;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function transportTo(url: string, timeoutMs = 5000): LinkTransport {
  const transport = new LinkTransport(new Map([[peer, url]]), { clusterId: 'c1', timeoutMs });
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

/** Answers every message with the counter of its last update. */
function answerAll(socket: Duplex): void {
  const frames = new FrameReader(2 ** 20);
  const messages = new MessageReader();
  const answers = new AnswerWriter();
  const writer = new ByteWriter();
  socket.on('data', (chunk: Buffer) => {
    frames.push(chunk);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      const { updates } = messages.read(frame.content);
      answers.write(writer, answerWith(updates.at(-1)?.dot.counter ?? 1));
    }
    socket.write(writer.take());
  });
}

const fetchSnapshot = (transport: LinkTransport) =>
  transport.fetchSnapshot(peer, { from: firstReplicaId(self), snapshot: null, position: null });

const requests: readonly (readonly [string, (transport: LinkTransport) => Promise<unknown>])[] = [
  ['a message', (transport) => transport.send(peer, message([]))],
  ['a request for a snapshot', fetchSnapshot],
  [
    'a request to join',
    (transport) => transport.join(peer, { replica: firstReplicaId(self), address: 'http://127.0.0.1:1' }),
  ],
];

describe('LinkTransport', () => {
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
    let connections = 0;
    const server = opened(
      await listenAsLink((socket) => {
        connections += 1;
        if (connections === 1) socket.once('data', () => socket.destroy());
        else answerAll(socket);
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
    expect(await transport.send(peer, message([update(4)]))).toEqual(answerWith(4));
  });

  it('does not keep what a peer does not take: beyond a limit a message fails at once', async () => {
    const server = opened(await listenAsLink((socket) => socket.pause()));
    const transport = transportTo(server.url, 2000);
    const mebibyte: Update = {
      ...update(1),
      operations: [{ kind: 'put', key: 'a', value: new Uint8Array(1024 * 1024) }],
    };
    let failure: unknown;
    let sent = 0;
    for (; failure === undefined && sent < 100; sent += 1) {
      transport.send(peer, message([mebibyte])).catch((error: unknown) => (failure ??= error));
      await setImmediate();
    }
    expect(failure).toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringContaining('has not taken') as string,
    });
    // What the sockets of this machine hold comes on top of the 32 that wait here.
    expect(sent).toBeGreaterThan(32);
    expect(sent).toBeLessThan(64);
  });

  it.each<[string, Buffer]>([
    ['no frame', Buffer.from('HTTP/1.1 200 OK')],
    ['of no known type', Buffer.from([0, 0, 0, 1, 9, 0])],
    ['a message', Buffer.from([0, 0, 0, 3, 1, 0, 0, 0])],
    ['empty', Buffer.from([0, 0, 0, 0, 2])],
    ['of nobody', Buffer.from([0, 0, 0, 4, 2, 0, 0, 0, 0])],
    ['too large', Buffer.from([0, 0x20, 0, 0, 2])],
  ])('takes an answer that is %s for no answer', async (_, bytes) => {
    const { url } = opened(await listenAsLink((socket) => socket.once('data', () => socket.write(bytes))));
    await expect(transportTo(url).send(peer, message([]))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: expect.stringContaining(`${url}) gave an answer that is no acknowledgement`) as string,
    });
  });

  it('takes an answer to what it did not ask for the end of the connection', async () => {
    let connections = 0;
    const { url } = opened(
      await listenAsLink((socket) => {
        connections += 1;
        const answers = new AnswerWriter();
        const writer = new ByteWriter();
        if (connections === 1) for (const counter of [1, 2]) answers.write(writer, answerWith(counter));
        if (connections === 1) socket.once('data', () => socket.write(writer.take()));
        else answerAll(socket);
      }),
    );
    const transport = transportTo(url);
    expect(await transport.send(peer, message([update(1)]))).toEqual(answerWith(1));
    await until('it has connected anew', async () => {
      await transport.send(peer, message([update(7)])).catch(() => undefined);
      return connections === 2;
    });
  });

  it('tells all that wait for the connection why it was refused, and asks again', async () => {
    let asked = 0;
    const error = new KvcError('KVC_E_CLUSTER_FOREIGN', 'not here', { cluster: 'c2' });
    const { url } = opened(
      await listen((_, response) => {
        asked += 1;
        response.writeHead(409).end(JSON.stringify(encodeError(error)));
      }),
    );
    const transport = transportTo(url);
    const outcomes = await Promise.allSettled([1, 2].map(() => transport.send(peer, message([]))));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: { code: 'KVC_E_CLUSTER_FOREIGN', message: 'not here', facts: { cluster: 'c2' } },
      });
    }
    await expect(transport.send(peer, message([]))).rejects.toMatchObject({ code: 'KVC_E_CLUSTER_FOREIGN' });
    expect(asked).toBe(2);
  });

  it('does not take what answers otherwise for a peer', async () => {
    const { url } = await answersOnce(200, 'hello');
    await expect(transportTo(url).send(peer, message([]))).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      message: `node2 (${url}) takes no link: it answered with HTTP status 200`,
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
    const listenAs = (name: string) =>
      listenAsLink((socket) => {
        socket.once('end', () => ended.push(name));
        answerAll(socket);
      }).then(opened);
    const other = 'node3' as NodeName;
    const peers = new Map([
      [other, (await listenAs('other')).url],
      [peer, (await listenAs('before')).url],
    ]);
    const transport = new LinkTransport(peers, { clusterId: 'c1' });
    open.unshift(transport);
    await transport.send(other, message([update(1)]));
    await transport.send(peer, message([update(1)]));
    peers.set(peer, (await listenAs('after')).url);
    await transport.send(peer, message([update(1)]));
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
