import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type KvcClient } from '../../../src/index.js';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let client: KvcClient;

beforeAll(async () => {
  nodes = await TestNodes.start({ count: 1 });
  client = await connect({ nodes: [nodes.node(1).url] });
  await client.set('k', 1);
});
afterAll(async () => {
  await client.close();
  await nodes.stop();
});

/** As a program without types gives it. */
const wrong = (input: unknown) => input as never;

const first = (events: AsyncIterable<unknown>) => events[Symbol.asyncIterator]().next();

const calls: [string, (input: never) => unknown][] = [
  ['get', (options) => client.get('k', options)],
  ['getMany', (options) => client.getMany(['k'], options)],
  ['set', (options) => client.set('k', 2, options)],
  ['delete', (options) => client.delete('k', options)],
  ['increment', (options) => client.increment('n', 1, options)],
  ['decrement', (options) => client.decrement('n', 1, options)],
  ['add', (options) => client.add('s', ['m'], options)],
  ['remove', (options) => client.remove('s', ['m'], options)],
  ['siblings', (options) => client.siblings('k', options)],
  ['resolve', (options) => client.resolve('k', () => 2, options)],
  ['commit', (options) => client.batch().set('k', 2).commit(options)],
  ['batch.set', (options) => client.batch().set('k', 2, options)],
  ['list', (options) => first(client.list(options))],
  ['watch', (options) => first(client.watch('', options))],
  ['connect', (options) => connect(options)],
];

const failure = async (call: () => unknown): Promise<unknown> => {
  try {
    return await call();
  } catch (error) {
    return error;
  }
};

describe.each(calls)('%s', (_, call) => {
  it.each([null, 5, 'node1', { timeoutMs: 5 }, { ttl: 5 }, { signal: 5 }])(
    'refuses %j as options',
    async (options) => {
      expect(await failure(() => call(wrong(options)))).toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
    },
  );
});

it.each([
  { create: 1 },
  { create: 'yes' },
  { ifContext: {} },
  { ifContext: null },
  { ifContext: 5 },
  { replicas: '2' },
  { node: 5 },
])('refuses to write with %j instead of writing without it', async (options) => {
  const { dot } = await client.get('k');
  await expect(client.set('k', 2, wrong(options))).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  expect((await client.get('k')).dot).toEqual(dot);
});

it('refuses what is no integer to subtract, as to add', async () => {
  await expect(client.decrement('n', wrong('3'))).rejects.toMatchObject({
    message: expect.stringContaining('"3"') as string,
  });
  expect(() => client.batch().decrement('n', wrong('3'))).toThrow('"3"');
});

it('refuses tokens of other clusters itself', async () => {
  const token = 'kvc1.other.node1:1';
  const foreign = { code: 'KVC_E_TOKEN_FOREIGN' };
  await expect(client.set('k', 2, { ifContext: token })).rejects.toMatchObject(foreign);
  await expect(first(client.watch('', { from: token }))).rejects.toMatchObject(foreign);
});

it('refuses prefixes, nodes and merges that are none', () => {
  expect(() => client.watch(wrong(undefined))).toThrow('prefix must be text');
  expect(() => client.list({ prefix: wrong(5) })).toThrow('prefix must be text');
  expect(() => client.at(wrong(undefined))).toThrow('node must be');
});

it('refuses what cannot merge, also where there is nothing to merge', async () => {
  await expect(client.resolve('k', wrong(undefined))).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
});

it('refuses a codec that is none when it connects', async () => {
  const options = { nodes: [nodes.node(1).url], codec: wrong({}) };
  await expect(connect(options)).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
});
