import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestNodes } from '../../support/testNodes.js';

let nodes: TestNodes;
let clients: Redis[];

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 2, resp: true });
  clients = nodes.nodes.map(({ respPort }) => new Redis({ port: respPort, host: '127.0.0.1' }));
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await nodes.stop();
});

const at = (number: number): Redis => clients[number - 1]!;

/** The answers of a transaction at node1; errors as text. */
async function transaction(...commands: readonly string[]): Promise<unknown[]> {
  const begun = at(1).multi();
  for (const command of commands) {
    const [name = '', ...args] = command.split(' ');
    begun.call(name, ...args);
  }
  const answers = (await begun.exec()) ?? [];
  return answers.map(([error, answer]) => error?.message ?? answer);
}

describe('a transaction on keys that another node wrote and its connection never read', () => {
  it('answers what becomes true', async () => {
    await at(2).sadd('s', 'm', 'n');
    await at(2).set('v', '7');
    await at(2).incrby('c', 5);
    await at(2).sadd('gone', 'm');
    await nodes.converged();
    expect(await transaction('SREM s m', 'SISMEMBER s m', 'SCARD s')).toEqual([1, 0, 1]);
    expect(await at(1).smembers('s')).toEqual(['n']);
    expect(await transaction('DEL v', 'INCR v', 'GET v')).toEqual([1, 1, '1']);
    expect(await at(1).get('v')).toBe('1');
    expect(await transaction('INCR c', 'DEL c', 'EXISTS c')).toEqual([6, 1, 0]);
    expect(await at(1).exists('c')).toBe(0);
    expect(await transaction('DEL gone', 'SADD gone x', 'SMEMBERS gone')).toEqual([1, 1, ['x']]);
    expect(await at(1).smembers('gone')).toEqual(['x']);
  });

  it('answers what becomes true where it replaces siblings', async () => {
    await nodes.holdAll();
    await at(1).set('k', 'one');
    await at(2).set('k', 'two');
    await nodes.healAll();
    await nodes.converged();
    const fresh = at(1).duplicate();
    expect(await fresh.multi().del('k').exists('k').set('k', 'x', 'NX').get('k').exec()).toEqual([
      [null, 1],
      [null, 0],
      [null, 'OK'],
      [null, 'x'],
    ]);
    expect(await fresh.call('KVC.SIBLINGS', 'k')).toEqual([['node1:2', 'x']]);
    fresh.disconnect();
  });

  it('invents no dots: siblings of a key that it has written are not told', async () => {
    await at(2).set('v', 'old');
    await nodes.converged();
    expect(
      await transaction('KVC.SIBLINGS v', 'SET v new', 'KVC.SIBLINGS v', 'KVC.WHY v', 'MEMORY USAGE v'),
    ).toEqual([
      [['node2:1', 'old']],
      'OK',
      expect.stringMatching(/^ERR this transaction has written the key.* ask after it$/),
      expect.stringMatching(/^ERR this transaction has written the key.* ask after it$/),
      4,
    ]);
    expect(await at(1).call('KVC.SIBLINGS', 'v')).toEqual([['node1:1', 'new']]);
  });
});

describe('a command of a transaction', () => {
  const overflow = 'ERR increment or decrement would overflow';

  it('that goes beyond the range of a counter fails alone', async () => {
    await at(1).incrby('c', 9007199254740991);
    expect(await transaction('SET a 1', 'INCR c', 'DECR c', 'INCR c', 'INCR c', 'SET b 2')).toEqual([
      'OK',
      overflow,
      9007199254740990,
      9007199254740991,
      overflow,
      'OK',
    ]);
    expect(await at(1).mget('a', 'b', 'c')).toEqual(['1', '2', '9007199254740991']);
  });

  it('that goes beyond the size of a set fails alone', async () => {
    const large = 'x'.repeat(64 * 1024 - 2);
    const add = (from: number): string =>
      `SADD s ${Array.from({ length: 9 }, (_, index) => `${from + index}${large}`).join(' ')}`;
    const answers = await transaction('SET a 1', add(10), add(20), 'SCARD s', 'SADD s x');
    expect(answers).toEqual(['OK', 9, expect.stringMatching(/^KVC_E_VALUE_TOO_LARGE /), 9, 1]);
    expect(await at(1).scard('s')).toBe(10);
  });
});
