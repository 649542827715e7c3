import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestJson } from '../../src/client/requestJson.js';

/** A server that keeps connections, and closes each one, unanswered, when its second request arrives. */
let server: Server;
let url: string;
let sockets: Set<Socket>;
let requests: string[];

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

beforeEach(async () => {
  sockets = new Set();
  requests = [];
  server = createServer((socket) => {
    let served = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      requests.push(bytes.toString().split(' ', 1)[0] ?? '');
      served += 1;
      if (served === 1) socket.write(ok);
      else socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('a request on a kept connection that its server closes', () => {
  it('is sent again on a new one if it may come twice', async () => {
    expect((await requestJson({ url })).status).toBe(200);
    expect((await requestJson({ url })).status).toBe(200);
    const named = { method: 'POST', body: {}, headers: { 'kvc-request-id': '1700000000000-a' } };
    expect((await requestJson({ url, ...named })).status).toBe(200);
    expect((await requestJson({ url, method: 'POST', body: {}, isRepeatable: true })).status).toBe(200);
    expect(sockets.size).toBeGreaterThan(1);
  });

  it('is not if it could be done twice', async () => {
    expect((await requestJson({ url })).status).toBe(200);
    await expect(requestJson({ url, method: 'POST', body: {} })).rejects.toMatchObject({
      code: 'KVC_E_NODE_UNREACHABLE',
      facts: { reason: 'ECONNRESET' },
    });
    expect(requests.filter((method) => method === 'POST')).toHaveLength(1);
  });
});

describe('a request on a kept connection whose server dies', () => {
  it('is not taken for one that certainly was not done, if it is a write', async () => {
    expect((await requestJson({ url })).status).toBe(200);
    server.close();
    const named = { method: 'POST', body: {}, headers: { 'kvc-request-id': '1700000000000-a' } };
    await expect(requestJson({ url, ...named })).rejects.toMatchObject({ facts: { reason: 'ECONNRESET' } });
    expect(requests).toEqual(['GET', 'POST']);
    await expect(requestJson({ url })).rejects.toMatchObject({ facts: { reason: 'ECONNREFUSED' } });
  });
});

describe('a request that its caller gives up', () => {
  it('ends at once, and says so', async () => {
    const controller = new AbortController();
    const hung = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    const { port } = hung.address() as AddressInfo;
    const asking = requestJson({ url: `http://127.0.0.1:${port}/`, signal: controller.signal });
    controller.abort();
    await expect(asking).rejects.toMatchObject({ code: 'KVC_E_ABORTED' });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hung.close(resolve));
  });
});
