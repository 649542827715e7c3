import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RespSocket } from '../../support/respSocket.js';
import { testClusterId, TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let clients: Redis[];

beforeEach(async () => {
  nodes = await TestNodes.start({ resp: true });
  clients = nodes.nodes.map(({ respPort }) => new Redis({ port: respPort, host: '127.0.0.1' }));
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await nodes.stop();
});

const at = (number: number): Redis => clients[number - 1]!;

describe('a connection', () => {
  it('is a session: its token has what it read and wrote, and nothing else', async () => {
    await at(1).set('a', '1');
    await at(2).set('b', '2');
    await nodes.converged();
    expect(await at(3).call('KVC.TOKEN')).toBe(`kvc1.${testClusterId}.`);
    expect(await at(3).get('a')).toBe('1');
    expect(await at(3).call('KVC.TOKEN')).toBe(`kvc1.${testClusterId}.node1:1`);
    await at(3).set('c', '3');
    expect(await at(3).call('KVC.TOKEN')).toBe(`kvc1.${testClusterId}.node1:1,node3:1`);
  });

  it('waits at another node for what its token has seen, and is told what is missing at the deadline', async () => {
    await nodes.holdAll();
    await at(1).set('a', '1');
    const token = (await at(1).call('KVC.TOKEN')) as string;
    await expect(at(2).call('KVC.ADVANCE', token, '30')).rejects.toThrow(/^KVC_E_DEPS_TIMEOUT .*node1:1/);
    expect(await at(2).get('a')).toBe(null);
    const advanced = at(2).call('KVC.ADVANCE', token);
    const read = at(2).get('a');
    await nodes.healAll();
    expect([await advanced, await read]).toEqual(['OK', '1']);
    await expect(at(2).call('KVC.ADVANCE', 'kvc1.other.node1:1')).rejects.toThrow(/^KVC_E_TOKEN_FOREIGN/);
    await expect(at(2).call('KVC.ADVANCE', 'hello')).rejects.toThrow(/^KVC_E_TOKEN_INVALID/);
  });

  it('replaces what it has seen; what it has not stays beside it, and is told', async () => {
    await at(1).set('k', 'one');
    await nodes.converged();
    await at(2).set('k', 'two');
    expect(await at(2).get('k')).toBe('two');
    expect(await at(2).call('KVC.SIBLINGS', 'k')).toEqual([
      ['node2:1', 'two'],
      ['node1:1', 'one'],
    ]);
    await at(2).set('k', 'both');
    expect(await at(2).call('KVC.SIBLINGS', 'k')).toEqual([['node2:2', 'both']]);
    await at(3).set('k', 'blind');
    await nodes.converged();
    await at(1).set('k', 'seen', 'GET');
    expect(await at(1).call('KVC.SIBLINGS', 'k')).toEqual([['node1:2', 'seen']]);
  });

  it('is told why a key holds what it does, and what waits', async () => {
    await nodes.node(1).addFaults([{ kind: 'hold', target: 'node3' }]);
    await at(1).set('first', '1');
    const token = (await at(1).call('KVC.TOKEN')) as string;
    await at(2).call('KVC.ADVANCE', token);
    await at(2).set('k', 'second');
    await expect
      .poll(() => at(3).call('KVC.WHY', 'k'))
      .toEqual([
        'nothing was ever delivered here, or it is forgotten',
        expect.stringMatching(/^update node2:1 waits for node1:1, on which it depends, since [0-9]+ ms$/),
      ]);
    await nodes.healAll();
    await expect
      .poll(() => at(3).call('KVC.WHY', 'k'))
      .toEqual([expect.stringMatching(/^value node2:1 of 20.*, durable at .*node3/)]);
  });
});

describe('WAIT', () => {
  it('says how many other nodes have the last write, at its deadline too', async () => {
    await nodes.node(1).addFaults([{ kind: 'hold', target: 'node2' }]);
    expect(await at(1).wait(2, 10)).toBe(2);
    await at(1).set('k', 'v');
    expect(await at(1).wait(1, 5000)).toBe(1);
    expect(await at(1).wait(2, 50)).toBe(1);
    const both = at(1).wait(2, 0);
    await nodes.healAll();
    expect(await both).toBe(2);
    expect(await at(1).wait(9, 0)).toBe(2);
  });
});

describe('transactions of many connections', () => {
  it('do not interfere: each sees the keys as they are when it is done', async () => {
    const others = Array.from({ length: 5 }, () => at(1).duplicate());
    await at(1).set('n', '0');
    await Promise.all(
      [at(1), ...others].map(async (client) => {
        for (let index = 0; index < 20; index += 1) await client.multi().incr('n').incr('n').exec();
      }),
    );
    expect(await at(1).get('n')).toBe('240');
    const created = await Promise.all(others.map((client) => client.setnx('lock', 'mine')));
    expect(created.filter((each) => each === 1)).toHaveLength(1);
    for (const client of others) client.disconnect();
  });
});

describe('a node', () => {
  it('that holds back its answers to a client keeps no more of them than it must', async () => {
    const socket = await RespSocket.open(nodes.node(1).respPort);
    const value = 'x'.repeat(100_000);
    await socket.expects([['SET', 'big', value]], '+OK\r\n');
    socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    socket.send('GET big\r\n'.repeat(5000));
    await at(1).set('k', 'v');
    expect(await at(1).get('k')).toBe('v');
    // 500 MB would wait if all were answered.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    socket.close();
  });

  it('that has many answers ready at once keeps no more of them than it must either, and sends all', async () => {
    const socket = await RespSocket.open(nodes.node(1).respPort);
    const value = 'x'.repeat(1024 * 1024);
    await socket.expects([['SET', 'big', value]], '+OK\r\n');
    socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    socket.send(`SET k behind-it\r\n${'GET big\r\n'.repeat(150)}`);
    await until('they are answered', async () => (await at(1).get('k')) === 'behind-it');
    await at(1).set('k', 'v');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    socket.resume();
    const answer = `$${value.length}\r\n${value}\r\n`;
    await until('all of it comes', () => socket.unread.length >= 5 + 150 * answer.length);
    socket.close();
  });
});
