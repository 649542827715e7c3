import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConditionFailedJson } from '../../src/protocol/api.js';
import { TestNodes, type TestNode } from '../support/testNodes.js';

let nodes: TestNodes;
let node1: TestNode;
let node2: TestNode;

beforeEach(async () => {
  nodes = await TestNodes.start();
  node1 = nodes.node(1);
  node2 = nodes.node(2);
});
afterEach(() => nodes.stop());

type Failed = { readonly error: { readonly code: string } & ConditionFailedJson };

/** The facts of the refusal that a request must meet. */
async function refused(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<ConditionFailedJson> {
  const answer = await node1.call('POST', path, { body, headers });
  expect(answer).toMatchObject({ status: 412, body: { error: { code: 'KVC_E_CONDITION_FAILED' } } });
  return (answer.body as Failed).error;
}

const created = { ifAbsent: true } as const;

describe('a write of a key that must be absent', () => {
  it('is done where it is: never written, deleted, or without members', async () => {
    expect(await node1.client.write('k', '1', created)).toMatchObject({ value: '1' });
    await node1.client.remove('k');
    expect(await node1.client.write('k', '2', created)).toMatchObject({ value: '2' });
    await node1.client.change([
      { key: 's', add: 'a' },
      { key: 's', remove: 'a' },
    ]);
    expect(await node1.client.write('s', '3', created)).toMatchObject({ value: '3' });
  });

  it('is refused where it is not, with what is there and a token that has seen it', async () => {
    const { dot } = await node1.client.write('k', '1');
    const { key, versions, session } = await refused('/write?if_absent=true', { key: 'k', value: '2' });
    expect({ key, versions }).toEqual({ key: 'k', versions: [{ value: '1', dot }] });
    expect(await node1.client.read('k')).toMatchObject({ value: '1', dot });
    const next = await node1.client.write('k', '2', { ifContext: session });
    expect(next).toMatchObject({ value: '2' });
  });

  it('is refused by what was accepted and is not on the disk yet: of many at once one is done', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => node1.client.write('k', String(index), created)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused for counters and sets too, and tells what they are', async () => {
    await node1.client.batch([
      { key: 'n', increment: 3 },
      { key: 's', add: 'a' },
    ]);
    expect((await refused('/write?if_absent=true', { key: 'n', value: '' })).versions).toMatchObject([
      { type: 'counter', value: '3' },
    ]);
    const { versions } = await refused('/batch?if_absent=true', { writes: [{ key: 's', add: 'b' }] });
    expect(versions).toMatchObject([{ type: 'set', members: [{ value: 'a' }] }]);
  });

  it('is done by two nodes that are cut off from each other, which leaves siblings', async () => {
    await nodes.holdAll();
    await node1.client.write('k', 'one', created);
    await node2.client.write('k', 'two', created);
    await nodes.healAll();
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      const { value, siblings } = await client.read('k');
      expect([value, ...siblings.map((each) => each.value)].sort()).toEqual(['one', 'two']);
    }
  });
});

describe('a write of what its client has seen', () => {
  it('is done where nothing else is, and replaces all of it', async () => {
    await nodes.holdAll();
    await node1.client.write('k', 'one');
    await node2.client.write('k', 'two');
    await nodes.healAll();
    await nodes.converged();
    const { session: ifContext } = await node1.client.read('k', { session: 'new' });
    const { session } = await node1.client.write('k', 'both', { ifContext });
    for (const { client } of nodes.nodes) {
      expect(await client.read('k', { session })).toMatchObject({ value: 'both', siblings: [] });
    }
  });

  it('is refused where another client was faster, and can be tried again with what the refusal says', async () => {
    await node1.client.write('k', '1');
    const { session } = await node1.client.read('k', { session: 'new' });
    await node1.client.write('k', '2', { session });
    const facts = await refused(`/write?if_context=${session}`, { key: 'k', value: '3' });
    expect(facts.versions).toMatchObject([{ value: '2' }]);
    await node1.client.write('k', '3', { ifContext: facts.session });
    expect(await node1.client.read('k')).toMatchObject({ value: '3', siblings: [] });
  });

  it('with an empty context is one of a key that nobody has ever written', async () => {
    await node1.client.write('fresh', '1', { ifContext: 'new' });
    await refused('/write?if_context=new', { key: 'fresh', value: '2' });
    await nodes.holdAll();
    await node1.client.remove('fresh');
    expect((await refused('/write?if_context=new', { key: 'fresh', value: '2' })).versions).toMatchObject([
      { value: null },
    ]);
  });

  it('waits at a node that is behind its context', async () => {
    await nodes.holdAll();
    const { session } = await node1.client.write('k', '1', { session: 'new' });
    const late = node2.client.write('k', '2', { ifContext: session, timeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ code: 'KVC_E_DEPS_TIMEOUT' });
    const waiting = node2.client.write('k', '2', { ifContext: session });
    await nodes.healAll();
    await waiting;
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      expect(await client.read('k')).toMatchObject({ value: '2', siblings: [] });
    }
  });

  it('is done where it has expired since, which is nothing that anybody wrote', async () => {
    await nodes.holdAll();
    const { session } = await node1.client.write('k', '1', { ttlMs: 1, session: 'new' });
    await expect.poll(async () => (await node1.client.read('k')).value).toBe(null);
    const next = await node1.client.write('k', '2', { ifContext: session });
    await nodes.healAll();
    await nodes.converged();
    for (const { client } of nodes.nodes) {
      expect(await client.read('k')).toMatchObject({ value: '2', dot: next.dot, siblings: [] });
    }
  });
});

describe('a condition', () => {
  it('holds of every key of a batch, or nothing is done', async () => {
    await node1.client.write('b', '1');
    const writes = [
      { key: 'a', value: '2' },
      { key: 'b', value: '2' },
    ];
    expect(await refused('/batch?if_absent=true', { writes })).toMatchObject({ key: 'b' });
    expect(await node1.client.read('a')).toMatchObject({ dot: null });
  });

  it('may be put to a change of a counter, a delete and raw bytes', async () => {
    const { session } = await node1.client.change([{ key: 'n', increment: 1 }], created);
    await refused('/batch?if_absent=true', { writes: [{ key: 'n', increment: 1 }] });
    await node1.client.change([{ key: 'n', increment: 1 }], { ifContext: session });
    const deletion = await node1.call('DELETE', `/kv/n?if_context=${session}`);
    expect(deletion).toMatchObject({ status: 412, body: { error: { versions: [{ value: '2' }] } } });
    const put = (query: string) => fetch(`${node1.url}/kv/raw?${query}`, { method: 'PUT', body: 'x' });
    expect((await put('if_absent=true')).status).toBe(200);
    expect((await put('if_absent=true')).status).toBe(412);
  });

  it('is not judged again when the write is sent again with its request id', async () => {
    const headers = { 'kvc-request-id': `${Date.now()}-a` };
    const send = () =>
      node1.call('POST', '/write?if_absent=true', { body: { key: 'k', value: '1' }, headers });
    const answers = await Promise.all([send(), send()]);
    answers.push(await send());
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({ status: 200, body: { dot: { node: 'node1', counter: 1 } } });
    }
  });

  it('that did not hold leaves its request id free', async () => {
    await node1.client.write('k', '1');
    const headers = { 'kvc-request-id': `${Date.now()}-a` };
    await refused('/write?if_absent=true', { key: 'k', value: '2' }, headers);
    await node1.client.remove('k');
    const again = await node1.call('POST', '/write?if_absent=true', {
      body: { key: 'k', value: '2' },
      headers,
    });
    expect(again).toMatchObject({ status: 200, body: { value: '2' } });
  });

  it('keeps what its session had seen in the token of the refusal', async () => {
    const { session } = await node1.client.write('other', '1', { session: 'new' });
    await node1.client.write('k', '1', { session });
    const facts = await refused(
      '/write?if_absent=true',
      { key: 'k', value: '2' },
      { 'kvc-session': session },
    );
    expect(facts.session).toMatch(/node1:2$/);
  });

  it.each([
    ['if_absent=yes', 'KVC_E_BAD_REQUEST'],
    ['if_absent=', 'KVC_E_BAD_REQUEST'],
    ['if_absent=true&if_context=new', 'KVC_E_BAD_REQUEST'],
    ['if_absent=true&if_absent=true', 'KVC_E_BAD_REQUEST'],
    ['if_context=', 'KVC_E_TOKEN_INVALID'],
    ['if_context=node1:1', 'KVC_E_TOKEN_INVALID'],
  ])('%s is refused: %s', async (query, code) => {
    const writes = { '/write': { key: 'k', value: '1' }, '/batch': { writes: [{ key: 'k', value: '1' }] } };
    for (const [path, body] of Object.entries(writes)) {
      expect(await node1.call('POST', `${path}?${query}`, { body })).toMatchObject({
        status: 400,
        body: { error: { code } },
      });
    }
    expect((await node1.client.inspect()).clock).toEqual({});
  });

  it('by a token of another cluster is refused', async () => {
    expect(
      await node1.call('POST', '/write?if_context=kvc1.beef.node1:1', { body: { key: 'k', value: '1' } }),
    ).toMatchObject({ status: 409, body: { error: { code: 'KVC_E_TOKEN_FOREIGN' } } });
  });

  it('is nothing that reads have', async () => {
    expect(await node1.call('GET', '/read?key=k&if_absent=true')).toMatchObject({ status: 400 });
  });
});
