import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import type { ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import type { LinkSocket } from '../support/linkSocket.js';
import { askForLink, openLink } from '../support/linkSocket.js';
import { TestNodes } from '../support/testNodes.js';
import { until } from '../support/until.js';
import { update } from '../transport/messages.js';

let nodes: TestNodes;
const links: LinkSocket[] = [];

const probe: ReplicateMessage = {
  from: 'node2' as ReplicaId,
  clock: new Map(),
  unreached: [],
  offersSnapshot: false,
  updates: [],
};

beforeAll(async () => {
  nodes = await TestNodes.start({ count: 2 });
});
afterEach(() => {
  for (const link of links.splice(0)) link.destroy();
});
afterAll(() => nodes.stop());

async function opened(): Promise<LinkSocket> {
  const link = await openLink(nodes.node(1).url);
  links.push(link);
  return link;
}

describe('a link to a node', () => {
  it.each<[string, string, { method?: string; headers?: Record<string, string> }, number, string]>([
    [
      'of another cluster',
      '/replicate',
      { headers: { 'kvc-cluster': 'beef' } },
      409,
      'KVC_E_CLUSTER_FOREIGN',
    ],
    ['by another host', '/replicate', { headers: { host: 'evil.example' } }, 403, 'KVC_E_HOST_FORBIDDEN'],
    ['elsewhere', '/clock', {}, 404, 'KVC_E_ROUTE_NOT_FOUND'],
    ['by POST', '/replicate', { method: 'POST' }, 405, 'KVC_E_METHOD_NOT_ALLOWED'],
  ])('is refused %s, in JSON', async (_, path, options, status, code) => {
    const answer = (await askForLink(`${nodes.node(1).url}${path}`, options)) as IncomingMessage;
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(await text(answer))).toMatchObject({ error: { code } });
  });

  it('answers with the vector and takes updates, like POST /replicate', async () => {
    await nodes.node(1).client.write('a', '1');
    await nodes.converged();
    const link = await opened();
    const { clock } = await nodes.node(1).client.clock();
    link.send(probe);
    await link.answered(1);
    expect(link.answers[0]).toMatchObject({ from: 'node1', clock: new Map(Object.entries(clock)) });
  });

  it('that brings what is no message ends, and changes nothing', async () => {
    const before = await nodes.node(1).client.inspect();
    const link = await opened();
    link.send({ ...probe, updates: [{ ...update(1), operations: [] }] });
    await link.closed();
    expect(link.answers).toEqual([expect.objectContaining({ code: 'KVC_E_BAD_REQUEST' })]);
    expect((await nodes.node(1).client.inspect()).clock).toEqual(before.clock);
    expect(nodes.node(1).complaints).toEqual([]);
  });

  it('does not hold up the end of its node', async () => {
    const frozen = await opened();
    frozen.freeze();
    // There is something for it to take before it could notice that the connection ends.
    frozen.send(probe);
    const link = await opened();
    link.send(probe);
    await link.answered(1);
    await nodes.node(1).close();
    await link.closed();
    await nodes.node(1).open();
    await nodes.node(1).client.write('b', '2');
    await until('node2 has it', async () => (await nodes.node(2).client.read('b')).value === '2');
  });
});

describe('a request with an upgrade that the node does not know', () => {
  it.each<[string, string, string, string, number]>([
    ['h2c, as some clients ask for', 'h2c', 'POST', '/write', 200],
    ['a WebSocket', 'websocket', 'GET', '/clock', 200],
    ['a link of another version', 'kvc-link/99', 'GET', '/replicate', 405],
  ])('is answered like one without: %s', async (_, upgrade, method, path, status) => {
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade,
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      'content-type': 'application/json',
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(`${nodes.node(1).url}${path}`, { method, headers, agent: false }, resolve);
      asked.on('error', reject);
      asked.end(method === 'POST' ? JSON.stringify({ key: 'c', value: 'x'.repeat(200_000) }) : undefined);
    });
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(await text(answer))).toBeTypeOf('object');
  });
});
