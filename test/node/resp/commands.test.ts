import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestBytes, RespSocket } from '../../support/respSocket.js';
import { TestNodes } from '../../support/testNodes.js';
import { until } from '../../support/until.js';

let nodes: TestNodes;
let socket: RespSocket;

beforeEach(async () => {
  nodes = await TestNodes.start({ count: 1, resp: true });
  socket = await RespSocket.open(nodes.node(1).respPort);
});
afterEach(async () => {
  socket.close();
  await nodes.stop();
});

const overflow = '-ERR increment or decrement would overflow\r\n';
const wrongType = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
const notInteger = '-ERR value is not an integer or out of range\r\n';

/** Requests, each with its answer, sent one after the other on one connection. */
async function exchange(...lines: readonly (readonly [request: string, answer: string])[]): Promise<void> {
  for (const [request, answer] of lines) await socket.expects([request.split(' ')], answer);
}

/** The same, all sent before the first answer is read. */
async function pipelined(...lines: readonly (readonly [request: string, answer: string])[]): Promise<void> {
  const requests = lines.map(([request]) => request.split(' '));
  await socket.expects(requests, lines.map(([, answer]) => answer).join(''));
}

describe('strings', () => {
  const cases = [
    ['GET k', '$-1\r\n'],
    ['SET k v', '+OK\r\n'],
    ['GET k', '$1\r\nv\r\n'],
    ['STRLEN k', ':1\r\n'],
    ['STRLEN nothing', ':0\r\n'],
    ['SETNX k w', ':0\r\n'],
    ['SETNX l w', ':1\r\n'],
    ['GETSET k x', '$1\r\nv\r\n'],
    ['GETSET fresh x', '$-1\r\n'],
    ['SET k y GET', '$1\r\nx\r\n'],
    ['SET k z NX', '$-1\r\n'],
    ['SET k z XX', '+OK\r\n'],
    ['SET none z XX', '$-1\r\n'],
    ['SET k q NX GET', '$1\r\nz\r\n'],
    ['MGET k none l', '*3\r\n$1\r\nz\r\n$-1\r\n$1\r\nw\r\n'],
    ['MSET a 1 b 2', '+OK\r\n'],
    ['MGET a b', '*2\r\n$1\r\n1\r\n$1\r\n2\r\n'],
    ['GETDEL a', '$1\r\n1\r\n'],
    ['GETDEL a', '$-1\r\n'],
    ['DEL b k none', ':2\r\n'],
    ['EXISTS l l b', ':2\r\n'],
    ['UNLINK l', ':1\r\n'],
    ['TYPE l', '+none\r\n'],
  ] as const;

  it('are as Redis has them', () => exchange(...cases));
  it('are so in a pipeline', () => pipelined(...cases));

  it('are refused where the words are wrong, and nothing is written', () =>
    exchange(
      ['SET k', "-ERR wrong number of arguments for 'set' command\r\n"],
      ['SET k v EX', '-ERR syntax error\r\n'],
      ['SET k v EX x', notInteger],
      ['SET k v EX 0', "-ERR invalid expire time in 'set' command\r\n"],
      ['SET k v EX 1 PX 1', '-ERR syntax error\r\n'],
      ['SET k v NX XX', '-ERR syntax error\r\n'],
      // A name that everything has in JavaScript.
      ['SET k v constructor 1', '-ERR syntax error\r\n'],
      ['EXPIRE k 1 constructor', '-ERR Unsupported option constructor\r\n'],
      ['MSET a 1 b', "-ERR wrong number of arguments for 'mset' command\r\n"],
      ['EXISTS k a', ':0\r\n'],
    ));
});

describe('counters', () => {
  const cases = [
    ['INCR n', ':1\r\n'],
    ['INCRBY n 41', ':42\r\n'],
    ['DECR n', ':41\r\n'],
    ['DECRBY n 40', ':1\r\n'],
    ['INCRBY n 0', ':1\r\n'],
    ['GET n', '$1\r\n1\r\n'],
    ['TYPE n', '+string\r\n'],
    ['SET m 10', '+OK\r\n'],
    ['INCR m', ':11\r\n'],
    ['INCR m', ':12\r\n'],
    ['SET m x', '+OK\r\n'],
    ['INCR m', notInteger],
    ['INCRBY n 9007199254740991', overflow],
    ['INCRBY n 1.5', notInteger],
    ['SET n 5', '+OK\r\n'],
    ['DECRBY n 5', ':0\r\n'],
  ] as const;

  it('are as Redis has them, and a value that says a number is counted, too', () => exchange(...cases));
  it('are so in a pipeline', () => pipelined(...cases));

  it('give every increment another number, from however many connections', async () => {
    const others = await Promise.all([1, 2, 3].map(() => RespSocket.open(nodes.node(1).respPort)));
    for (const each of others) each.send('INCR n\r\n'.repeat(50));
    await socket.expects('GET nothing\r\n', '$-1\r\n');
    await expect.poll(async () => (await nodes.node(1).client.read('n')).value).toBe('150');
    for (const each of others) each.close();
  });

  it('do not come after what stands behind them, when others write the same key meanwhile', async () => {
    const other = await RespSocket.open(nodes.node(1).respPort);
    for (let round = 0; round < 20; round += 1) {
      other.send(`SET k${round} 5\r\n`);
      socket.send(`INCR k${round}\r\nSET k${round} 100\r\nGET k${round}\r\n`);
    }
    socket.send('PING end\r\n');
    await until('all is answered', () => socket.unread.endsWith('end\r\n'));
    const counted = socket.unread.split('\r\n').filter((line) => ['6', '101'].includes(line));
    expect(counted, 'what GET says is what was set last').toEqual([]);
    other.close();
  });
});

describe('sets', () => {
  const cases = [
    ['SADD s b a', ':2\r\n'],
    ['SADD s a c', ':1\r\n'],
    ['SCARD s', ':3\r\n'],
    ['SMEMBERS s', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n'],
    ['SISMEMBER s a', ':1\r\n'],
    ['SMISMEMBER s a x', '*2\r\n:1\r\n:0\r\n'],
    ['SREM s a x', ':1\r\n'],
    ['SREM s x', ':0\r\n'],
    ['TYPE s', '+set\r\n'],
    ['GET s', wrongType],
    ['INCR s', wrongType],
    ['MGET s', '*1\r\n$-1\r\n'],
    ['SET v 1', '+OK\r\n'],
    ['SADD v a', wrongType],
    ['SREM s b c', ':2\r\n'],
    ['EXISTS s', ':0\r\n'],
    ['SMEMBERS s', '*0\r\n'],
  ] as const;

  it('are as Redis has them', () => exchange(...cases));
  it('are so in a pipeline', () => pipelined(...cases));
});

describe('transactions', () => {
  it('are done as one update, each command seeing those before it', async () => {
    await pipelined(
      ['SET old v', '+OK\r\n'],
      ['MULTI', '+OK\r\n'],
      ['SET a 1', '+QUEUED\r\n'],
      ['GET a', '+QUEUED\r\n'],
      ['INCR a', '+QUEUED\r\n'],
      ['INCR a', '+QUEUED\r\n'],
      ['SADD s m', '+QUEUED\r\n'],
      ['GETDEL old', '+QUEUED\r\n'],
      ['GET s', '+QUEUED\r\n'],
      ['PING', '+QUEUED\r\n'],
      ['EXEC', `*8\r\n+OK\r\n$1\r\n1\r\n:2\r\n:3\r\n:1\r\n$1\r\nv\r\n${wrongType}+PONG\r\n`],
      ['GET a', '$1\r\n3\r\n'],
      ['EXISTS old', ':0\r\n'],
    );
    expect((await nodes.node(1).client.read('a')).clock).toEqual({ node1: 2 });
  });

  it('answer no more than a client could take: what is beyond fails, each command by itself', async () => {
    const value = 'x'.repeat(1024 * 1024);
    await socket.expects([['SET', 'big', value]], '+OK\r\n');
    const gets = Array.from({ length: 65 }, () => ['GET', 'big']);
    const bulk = `$${value.length}\r\n${value}\r\n`;
    await socket.expects(
      [['MULTI'], ...gets, ['EXEC']],
      `+OK\r\n${'+QUEUED\r\n'.repeat(65)}*65\r\n${bulk.repeat(64)}` +
        '-ERR the values have 68157440 bytes; at most 67108864 are told at once\r\n',
    );
  });

  it('tell no more keys than that, either', async () => {
    const keys = Array.from({ length: 1024 }, (_, index) => String(index).padStart(1024, '0'));
    await socket.expects([['MSET', ...keys.flatMap((key) => [key, ''])]], '+OK\r\n');
    const asked = Array.from({ length: 65 }, () => ['KEYS', '0*']);
    const told = `*1024\r\n${keys.map((key) => `$1024\r\n${key}\r\n`).join('')}`;
    await socket.expects(
      [['MULTI'], ...asked, ['EXEC']],
      `+OK\r\n${'+QUEUED\r\n'.repeat(65)}*65\r\n${told.repeat(64)}` +
        '-ERR the values have 67109888 bytes; at most 67108864 are told at once\r\n',
    );
  });

  it('cannot hold what takes time, or changes the connection', () =>
    exchange(
      ['MULTI', '+OK\r\n'],
      ['WAIT 1 0', "-ERR Command 'wait' not allowed inside a transaction\r\n"],
      ['EXEC', '-EXECABORT Transaction discarded because of previous errors.\r\n'],
    ));

  it('do nothing where a command is wrong, or they are given up', () =>
    exchange(
      ['EXEC', '-ERR EXEC without MULTI\r\n'],
      ['DISCARD', '-ERR DISCARD without MULTI\r\n'],
      ['MULTI', '+OK\r\n'],
      ['MULTI', '-ERR MULTI calls can not be nested\r\n'],
      ['SET a 1', '+QUEUED\r\n'],
      ['SET a', "-ERR wrong number of arguments for 'set' command\r\n"],
      ['EXEC', '-EXECABORT Transaction discarded because of previous errors.\r\n'],
      ['MULTI', '+OK\r\n'],
      ['SET a 1', '+QUEUED\r\n'],
      ['DISCARD', '+OK\r\n'],
      ['MULTI', '+OK\r\n'],
      ['EXEC', '*0\r\n'],
      ['GET a', '$-1\r\n'],
    ));
});

describe('expiry', () => {
  it('is told, changed and taken back', async () => {
    await exchange(
      ['SET k v EX 100', '+OK\r\n'],
      ['TTL k', ':100\r\n'],
      ['EXPIRE k 50', ':1\r\n'],
      ['TTL k', ':50\r\n'],
      ['EXPIRE k 100 LT', ':0\r\n'],
      ['EXPIRE k 100 NX', ':0\r\n'],
      ['EXPIRE k 100 XX', ':1\r\n'],
      ['PERSIST k', ':1\r\n'],
      ['PERSIST k', ':0\r\n'],
      ['TTL k', ':-1\r\n'],
      ['PTTL none', ':-2\r\n'],
      ['EXPIRE none 5', ':0\r\n'],
      ['SETEX t 100 v', '+OK\r\n'],
      ['SET t w KEEPTTL', '+OK\r\n'],
      ['TTL t', ':100\r\n'],
      ['EXPIRE t -1', ':1\r\n'],
      ['EXISTS t', ':0\r\n'],
      ['PSETEX p 30 v', '+OK\r\n'],
    );
    await expect.poll(async () => (await nodes.node(1).client.read('p')).value).toBe(null);
    await exchange(['GET p', '$-1\r\n'], ['TTL p', ':-2\r\n'], ['SADD s m', ':1\r\n']);
    await exchange(['EXPIRE s 5', '-ERR a set does not expire, only values do\r\n']);
  });
});

describe('an update', () => {
  const large = 'x'.repeat(1_000_000);
  const tooLarge =
    /^-ERR \d+ bytes of keys and values at once; at most 4194304 are written as one update\r\n$/;

  async function answerTo(...commands: readonly (readonly string[])[]): Promise<string> {
    const before = '+OK\r\n' + '+QUEUED\r\n'.repeat(Math.max(0, commands.length - 2));
    if (commands.length > 1) await socket.expects(commands.slice(0, -1), before);
    socket.send(requestBytes(commands.at(-1)!));
    await until('it is answered', () => socket.unread.endsWith('\r\n'));
    const answer = socket.unread;
    await socket.receives(answer);
    return answer;
  }

  it('is not made larger than peers take', async () => {
    const five = [1, 2, 3, 4, 5].flatMap((number) => [`k${number}`, large]);
    expect(await answerTo(['MSET', ...five])).toMatch(tooLarge);
    for (const key of ['k1', 'k2', 'k3', 'k4', 'k5']) await exchange([`SET ${key} ${large}`, '+OK\r\n']);
    const rewrites = ['k1', 'k2', 'k3', 'k4', 'k5'].map((key) => ['EXPIRE', key, '100']);
    expect(await answerTo(['MULTI'], ...rewrites, ['EXEC'])).toMatch(tooLarge);
    await exchange(['TTL k1', ':-1\r\n']);
    expect(nodes.node(1).complaints).toEqual([]);
  });

  it('is not waited for where its words are too many bytes already', async () => {
    const four = ['k1', 'k2', 'k3', 'k4'].map((key) => ['SET', key, large]);
    expect(await answerTo(['MULTI'], ...four, ['SET', 'k5', large])).toMatch(tooLarge);
    await exchange(['EXEC', '-EXECABORT Transaction discarded because of previous errors.\r\n']);
    await exchange(['EXISTS k1', ':0\r\n']);
  });
});

describe('the keys', () => {
  it('are scanned page by page, by pattern and by type, and counted', async () => {
    for (const name of ['b1', 'a1', 'a2', 'a3']) await exchange([`SET ${name} v`, '+OK\r\n']);
    await exchange(
      ['SADD aset m', ':1\r\n'],
      ['DEL a3', ':1\r\n'],
      ['DBSIZE', ':4\r\n'],
      ['SCAN 0', '*2\r\n$1\r\n0\r\n*4\r\n$2\r\na1\r\n$2\r\na2\r\n$4\r\naset\r\n$2\r\nb1\r\n'],
      ['SCAN 0 COUNT 2', '*2\r\n$1\r\n1\r\n*2\r\n$2\r\na1\r\n$2\r\na2\r\n'],
      ['SCAN 1 COUNT 10', '*2\r\n$1\r\n0\r\n*2\r\n$4\r\naset\r\n$2\r\nb1\r\n'],
      ['SCAN 0 MATCH a? TYPE string', '*2\r\n$1\r\n0\r\n*2\r\n$2\r\na1\r\n$2\r\na2\r\n'],
      ['KEYS a[1-2]', '*2\r\n$2\r\na1\r\n$2\r\na2\r\n'],
      ['KEYS *t', '*1\r\n$4\r\naset\r\n'],
      ['SCAN 77', '-ERR invalid cursor\r\n'],
      ['SCAN x', '-ERR invalid cursor\r\n'],
      ['SCAN 0 COUNT 0', '-ERR syntax error\r\n'],
    );
  });

  it('are measured: bytes of a key and of what it holds', () =>
    exchange(
      ['SET k value', '+OK\r\n'],
      ['SADD s a bc', ':2\r\n'],
      ['INCR n', ':1\r\n'],
      ['MEMORY USAGE k', ':6\r\n'],
      ['MEMORY USAGE s SAMPLES 0', ':4\r\n'],
      ['MEMORY USAGE n', ':1\r\n'],
      ['DEL k', ':1\r\n'],
      ['MEMORY USAGE k', '$-1\r\n'],
      ['MEMORY USAGE k SAMPLES', notInteger],
      ['MEMORY USAGE k FAST 1', '-ERR syntax error\r\n'],
      ['MEMORY USAGE', "-ERR wrong number of arguments for 'memory|usage' command\r\n"],
      ['MEMORY DOCTOR', "-ERR unknown subcommand 'doctor'. kvc knows USAGE\r\n"],
    ));

  it('may be any bytes, as may values', async () => {
    const key = '\xff\x00\r\n';
    await socket.expects(
      [
        ['SET', key, '\x00\xfe'],
        ['GET', key],
        ['KEYS', '*'],
      ],
      `+OK\r\n$2\r\n\x00\xfe\r\n*1\r\n$4\r\n${key}\r\n`,
    );
    await socket.expects(
      [
        ['SET', '\0hex:ff', 'text'],
        ['SET', '\xff', 'bytes'],
        ['GET', '\0hex:ff'],
      ],
      '+OK\r\n+OK\r\n$4\r\ntext\r\n',
    );
    await socket.expects([['SET', '', 'v']], '-KVC_E_KEY_INVALID key ');
  });
});

describe('the connection', () => {
  it('answers what clients ask first', () =>
    exchange(
      ['PING', '+PONG\r\n'],
      ['PING hi', '$2\r\nhi\r\n'],
      ['ECHO hi', '$2\r\nhi\r\n'],
      ['SELECT 0', '+OK\r\n'],
      ['SELECT 1', '-ERR DB index is out of range\r\n'],
      ['CLIENT ID', ':1\r\n'],
      ['CLIENT SETNAME me', '+OK\r\n'],
      ['CLIENT GETNAME', '$2\r\nme\r\n'],
      ['CONFIG GET save', '*2\r\n$4\r\nsave\r\n$0\r\n\r\n'],
      ['COMMAND GETKEYS MSET a 1 b 2', '*2\r\n$1\r\na\r\n$1\r\nb\r\n'],
      ['SUBSCRIBE c', "-ERR unknown command 'SUBSCRIBE', with args beginning with: 'c' \r\n"],
      ['HELLO 4', '-NOPROTO unsupported protocol version\r\n'],
    ));

  it('keeps nothing of what is no command, and tells but the beginning of it', async () => {
    const long = 'X\n'.repeat(50_000);
    const shown = 'x '.repeat(64);
    await socket.expects(
      [[long]],
      `-ERR unknown command '${'X '.repeat(64)}', with args beginning with: \r\n`,
    );
    await socket.expects(
      [['CONFIG', long]],
      `-ERR CONFIG ${shown} is not for kvc: limits are set by kvc up --limit\r\n`,
    );
    const other = await RespSocket.open(nodes.node(1).respPort);
    await other.expects('nonsense\r\n', "-ERR unknown command 'nonsense', with args beginning with: \r\n");
    socket.send('CLIENT LIST\r\n');
    await until('it is answered', () => / cmd=NULL .*\n\r\n$/s.test(socket.unread));
    expect(socket.unread.length).toBeLessThan(1000);
    other.close();
  });

  it('speaks version 3 when it is asked to', async () => {
    socket.send('HELLO 3\r\n');
    await socket.receives(
      '%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n' +
        '$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n',
    );
    await exchange(['GET none', '_\r\n'], ['SADD s m', ':1\r\n'], ['SMEMBERS s', '~1\r\n$1\r\nm\r\n']);
  });

  it('speaks the version that was chosen when a command was sent, however late its answer', () => {
    const hello = (start: string, version: number): string =>
      `${start}\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:${version}\r\n$2\r\nid\r\n:1\r\n` +
      '$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n';
    return pipelined(
      ['SET k v', '+OK\r\n'],
      ['GET none', '$-1\r\n'],
      ['HELLO 3', hello('%7', 3)],
      ['HELLO', hello('%7', 3)],
      ['GET none', '_\r\n'],
      ['SET k w', '+OK\r\n'],
      ['GET none', '_\r\n'],
      ['RESET', '+RESET\r\n'],
      ['GET none', '$-1\r\n'],
    );
  });

  it('answers what is under way to a client that sends nothing more, then ends', async () => {
    socket.send('SET k v\r\nGET k\r\n');
    socket.endSending();
    await socket.receives('+OK\r\n$1\r\nv\r\n');
    await expect.poll(() => socket.isClosed).toBe(true);
  });

  it('ends when asked to, after the answers', async () => {
    await socket.expects('SET k v\r\nGET k\r\nQUIT\r\nGET k\r\n', '+OK\r\n$1\r\nv\r\n+OK\r\n');
    await expect.poll(() => socket.isClosed).toBe(true);
  });

  it('ends with an error where the bytes are no requests', async () => {
    await socket.expects('*1\r\n+PING\r\n', "-ERR Protocol error: expected '$', got '+'\r\n");
    await expect.poll(() => socket.isClosed).toBe(true);
  });
});
