import KeyvRedis from '@keyv/redis';
import { Redis } from 'ioredis';
import Keyv from 'keyv';
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let port: number;

beforeEach(async () => {
  nodes = await TestNodes.start({ resp: true });
  port = nodes.node(1).respPort;
});
afterEach(() => nodes.stop());

describe('ioredis', () => {
  let redis: Redis;
  beforeEach(() => {
    redis = new Redis({ port, host: '127.0.0.1' });
  });
  afterEach(() => redis.quit());

  it('reads and writes, as text and as bytes', async () => {
    expect(await redis.set('k', 'v')).toBe('OK');
    expect(await redis.get('k')).toBe('v');
    await redis.set(Buffer.from([255, 0]), Buffer.from([1, 254]));
    expect(await redis.getBuffer(Buffer.from([255, 0]))).toEqual(Buffer.from([1, 254]));
    expect(await redis.mset({ a: '1', b: '2' })).toBe('OK');
    expect(await redis.mget('a', 'b', 'none')).toEqual(['1', '2', null]);
    expect(await redis.sadd('s', 'x', 'y')).toBe(2);
    expect(await redis.smembers('s')).toEqual(['x', 'y']);
    expect(await redis.incr('n')).toBe(1);
    expect(await redis.ttl('k')).toBe(-1);
  });

  it('pipelines, and has transactions', async () => {
    const answers = await redis.pipeline().set('a', '1').get('a').incr('a').get('s').exec();
    expect(answers).toEqual([
      [null, 'OK'],
      [null, '1'],
      [null, 2],
      [null, null],
    ]);
    expect(await redis.multi().set('a', '5').incrby('a', 2).exec()).toEqual([
      [null, 'OK'],
      [null, 7],
    ]);
  });

  it('scans', async () => {
    for (let index = 0; index < 25; index += 1) await redis.set(`key${index}`, 'v');
    const found: string[] = [];
    for await (const page of redis.scanStream({ match: 'key*', count: 7 })) found.push(...(page as string[]));
    expect(new Set(found).size).toBe(25);
  });

  it('waits for other nodes, and takes its session to one of them', async () => {
    await redis.set('k', 'here');
    expect(await redis.wait(2, 5000)).toBe(2);
    const token = (await redis.call('KVC.TOKEN')) as string;
    const other = new Redis({ port: nodes.node(2).respPort, host: '127.0.0.1' });
    expect(await other.call('KVC.ADVANCE', token, '5000')).toBe('OK');
    expect(await other.get('k')).toBe('here');
    await other.quit();
  });
});

describe('node-redis', () => {
  it.each([2, 3] as const)('speaks version %i', async (version) => {
    const client = await createClient({ url: `redis://127.0.0.1:${port}`, RESP: version }).connect();
    expect(await client.set('k', 'v')).toBe('OK');
    expect(await client.get('k')).toBe('v');
    expect(await client.get('none')).toBe(null);
    expect(await client.sAdd('s', ['a', 'b'])).toBe(2);
    expect([...(await client.sMembers('s'))]).toEqual(['a', 'b']);
    expect(await client.multi().set('m', '1').incr('m').exec()).toEqual(['OK', 2]);
    const keys: string[] = [];
    for await (const page of client.scanIterator({ COUNT: 2 })) keys.push(...page);
    expect(keys).toEqual(['k', 'm', 's']);
    expect(await client.expire('k', 100)).toBe(1);
    expect(await client.ttl('k')).toBe(100);
    await client.close();
  });
});

describe('Keyv over Redis', () => {
  it('keeps values, for a time, in namespaces, and clears them', async () => {
    const keyv = new Keyv({ store: new KeyvRedis(`redis://127.0.0.1:${port}`), namespace: 'n' });
    const errors: unknown[] = [];
    keyv.on('error', (error) => errors.push(error));
    expect(await keyv.set('k', { a: 1 })).toBe(true);
    expect(await keyv.get('k')).toEqual({ a: 1 });
    await keyv.set('short', 'v', 40);
    await expect.poll(() => keyv.get('short')).toBe(undefined);
    expect(await keyv.getMany(['k', 'none'])).toEqual([{ a: 1 }, undefined]);
    expect(await keyv.delete('k')).toBe(true);
    await keyv.set('l', 1);
    await keyv.clear();
    expect(await keyv.has('l')).toBe(false);
    expect(errors).toEqual([]);
    await keyv.disconnect();
  });
});
