import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/errors.js';
import { limits } from '../../src/protocol/limits.js';
import { stateOf } from '../support/refusedRequest.js';
import { TestNodes } from '../support/testNodes.js';

let nodes: TestNodes;

beforeAll(async () => {
  nodes = await TestNodes.start({ count: 1 });
});
afterAll(() => nodes.stop());

/** Sends bytes on a connection of its own, and returns all that comes back until the node closes it. */
async function sendRaw(bytes: string, end = true): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: nodes.node(1).port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (end) socket.end();
  return text(socket);
}

const head = (lines: string): string => `${lines}\r\nHost: 127.0.0.1:${nodes.node(1).port}\r\n`;
const jsonType = 'Content-Type: application/json\r\n';

describe('what is no HTTP request', () => {
  it.each<[what: string, bytes: () => string, status: number, code: ErrorCode]>([
    ['garbage', () => 'GARBAGE\r\n\r\n', 400, 'KVC_E_BAD_REQUEST'],
    ['a TLS hello', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'KVC_E_BAD_REQUEST'],
    [
      'two lengths',
      () => `${head('POST /write HTTP/1.1')}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a negative length',
      () => `${head('POST /write HTTP/1.1')}Content-Length: -1\r\n\r\n`,
      400,
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a bad chunk',
      () => `${head('POST /write HTTP/1.1')}${jsonType}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
      400,
      'KVC_E_BAD_REQUEST',
    ],
    ['no host', () => 'GET /clock HTTP/1.1\r\n\r\n', 403, 'KVC_E_HOST_FORBIDDEN'],
    [
      'headers without end',
      () => `${head('GET /clock HTTP/1.1')}X: ${'x'.repeat(100_000)}`,
      413,
      'KVC_E_MESSAGE_TOO_LARGE',
    ],
    ['a line without end', () => `GET /${'x'.repeat(100_000)}`, 413, 'KVC_E_MESSAGE_TOO_LARGE'],
    [
      'a truncated body',
      () => `${head('POST /write HTTP/1.1')}${jsonType}Content-Length: 99\r\n\r\n{"key":"cut"`,
      400,
      'KVC_E_BAD_REQUEST',
    ],
  ])('%s gets a 4xx in JSON, and the node goes on', async (_what, bytes, status, code) => {
    const before = await stateOf(nodes.node(1));
    const answer = await sendRaw(bytes());
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
    expect(body).toMatchObject({ error: { code, message: expect.any(String) as string } });
    expect(await stateOf(nodes.node(1))).toEqual(before);
    expect(nodes.node(1).complaints).toEqual([]);
  });

  it('a body beyond the limit is refused before it is read to its end', async () => {
    const before = await stateOf(nodes.node(1));
    const length = limits.requestBodyBytesMax + 1;
    const announced = `${head('POST /write HTTP/1.1')}${jsonType}Content-Length: ${length}\r\n\r\n`;
    const answer = await sendRaw(announced, false);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('KVC_E_MESSAGE_TOO_LARGE');
    expect(await stateOf(nodes.node(1))).toEqual(before);
  });

  it('a client that leaves in the middle of its request is no defect', async () => {
    const before = await stateOf(nodes.node(1));
    const socket = connect(nodes.node(1).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head('POST /write HTTP/1.1')}${jsonType}Content-Length: 99\r\n\r\n{"key":"cut"`);
    await nodes.node(1).call('GET', '/clock');
    socket.resetAndDestroy();
    await nodes.node(1).call('GET', '/clock');
    expect(await stateOf(nodes.node(1))).toEqual(before);
    expect(nodes.node(1).complaints).toEqual([]);
  });
});
