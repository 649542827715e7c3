import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../../src/node/resp/commandTable.js';
import { startCluster } from '../../src/testing/startCluster.js';
import type { TestCluster } from '../../src/testing/testCluster.js';
import { hasRedisTools, runRedisTool } from '../support/redisTools.js';
import { requestBytes } from '../support/respSocket.js';

if (!hasRedisTools) {
  console.warn(
    'redis-cli and redis-benchmark are not installed (apt-get install redis-tools): not tested with them',
  );
}

describe.skipIf(!hasRedisTools)('a node (needs redis-cli and redis-benchmark)', { timeout: 180_000 }, () => {
  let cluster: TestCluster;
  let port = 0;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 3, mode: 'processes' });
    port = cluster.nodes[0]!.respPort;
  });
  afterAll(() => cluster.close());

  /** Must succeed, and have nothing to complain of. @returns what it printed */
  async function cli(args: readonly string[], input?: string | Buffer): Promise<string> {
    const { exit, out, err } = await runRedisTool('redis-cli', port, args, input);
    expect({ args, exit, err }).toEqual({ args, exit: 0, err: '' });
    return out;
  }

  /** All lines that it printed; redis-cli leaves some empty. */
  async function cliLines(args: readonly string[], input?: string | Buffer): Promise<string[]> {
    return (await cli(args, input)).split('\n').filter((line) => line !== '');
  }

  describe('serves redis-cli', () => {
    it('with a command as its arguments, in either version of the protocol', async () => {
      expect(await cli(['SET', 'args k', 'v w'])).toBe('OK\n');
      expect(await cli(['--no-raw', 'GET', 'args k'])).toBe('"v w"\n');
      expect(await cli(['--no-raw', 'GET', 'nothing'])).toBe('(nil)\n');
      expect(await cli(['--no-raw', 'SADD', 'args set', 'a', 'b'])).toBe('(integer) 2\n');
      expect(await cli(['--no-raw', '-3', 'SMEMBERS', 'args set'])).toBe('1~ "a"\n2~ "b"\n');
      expect(JSON.parse(await cli(['-3', '--json', 'HELLO']))).toMatchObject({
        proto: 3,
        mode: 'standalone',
      });
      expect(await cli(['--csv', 'MGET', 'args k', 'nothing'])).toBe('"v w",NULL\n');
      expect(await cli(['-x', 'SET', 'args x'], 'piped')).toBe('OK\n');
      expect(await cli(['-r', '2', 'STRLEN', 'args x'])).toBe('5\n5\n');
      expect(await cli(['-u', `redis://127.0.0.1:${port}/0`, 'GET', 'args x'])).toBe('piped\n');
    });

    it('with an error where there is one, and goes on', async () => {
      const { exit, err } = await runRedisTool('redis-cli', port, ['-e', 'LPUSH', 'l', 'x']);
      expect({ exit, err }).toEqual({
        exit: 1,
        err: "ERR unknown command 'LPUSH', with args beginning with: 'l' 'x' \n",
      });
      expect(await cliLines([], 'SET\nPING\n')).toEqual([
        "ERR wrong number of arguments for 'set' command",
        'PONG',
      ]);
    });

    it('with lines from a pipe: one session, with transactions', async () => {
      const lines = ['SET "pipe k" "a\\x00b"', 'STRLEN "pipe k"', 'MULTI', 'INCR n', 'INCR n', 'EXEC'];
      expect(await cliLines([], lines.join('\n'))).toEqual(['OK', '3', 'OK', 'QUEUED', 'QUEUED', '1', '2']);
    });

    it('with the help that it asks for when it begins', async () => {
      const help = await cli([], 'help set\nhelp kvc.why\nhelp @string\nhelp @kvc\n');
      expect(help).toContain(commandTable.get('set')!.summary);
      expect(help).toContain(commandTable.get('kvc.why')!.summary);
      // The commands of a group, between the codes for bold letters.
      for (const name of ['GETDEL', 'INCRBY', 'KVC.TOKEN']) expect(help).toContain(`m${name}\u001b`);
      expect(help).not.toContain('(null)');
    });

    it('that inserts a mass of commands, in their binary form and as lines, and says which failed', async () => {
      const words = Array.from({ length: 5000 }, (_, index) => [
        'SET',
        `mass:${index}`,
        `value ${index}\r\n`,
      ]);
      const binary = Buffer.from(words.map(requestBytes).join(''), 'latin1');
      expect(await cli(['--pipe'], binary)).toMatch(/errors: 0, replies: 5000$/m);
      expect(await cli(['--no-raw', 'GET', 'mass:4999'])).toBe('"value 4999\\r\\n"\n');
      expect(await cli(['--pipe'], 'SADD mass.set a b\r\nINCR mass.n\r\n')).toMatch(
        /errors: 0, replies: 2$/m,
      );
      const { exit, out } = await runRedisTool(
        'redis-cli',
        port,
        ['--pipe'],
        'INCR mass.set\r\nINCR mass.n\r\n',
      );
      expect(exit).toBe(1);
      expect(out).toMatch(/errors: 1, replies: 2$/m);
      expect((await cliLines(['--scan', '--pattern', 'mass:*'])).length).toBe(5000);
    });

    it('that looks for big keys, and measures', async () => {
      await cli(['SET', 'huge', 'x'.repeat(100_000)]);
      await cli(['SADD', 'many', ...Array.from({ length: 500 }, (_, index) => `member${index}`)]);
      const found = await cli(['--bigkeys']);
      expect(found).toContain('Biggest string found \'"huge"\' has 100000 bytes');
      expect(found).toContain('Biggest    set found \'"many"\' has 500 members');
      expect(await cli(['--memkeys'])).toContain('Biggest string found \'"huge"\' has 100004 bytes');
      expect(await cli(['--latency', '--raw', '-i', '0.2'])).toMatch(/^\d+ \d+ [\d.]+ \d+$/m);
    });

    it('that shows what goes on', async () => {
      const info = await cli(['INFO']);
      // What --stat shows, which never ends by itself.
      for (const field of [
        'used_memory',
        'connected_clients',
        'blocked_clients',
        'total_commands_processed',
      ]) {
        expect(info).toMatch(new RegExp(`^${field}:\\d+\\r$`, 'm'));
      }
    });
  });

  describe('serves redis-benchmark', () => {
    const tests = 'ping,set,get,incr,sadd,mset';

    it.each([
      ['in pipelines', ['-P', '16', '-c', '50', '-n', '5000']],
      ['one command at a time, of many keys', ['-c', '50', '-n', '1000', '-r', '1000', '-d', '100']],
      ['in version 3 of the protocol, on threads', ['-3', '--threads', '2', '-c', '20', '-n', '1000']],
    ])('%s, to its end', async (_, args) => {
      const { exit, out, err } = await runRedisTool('redis-benchmark', port, ['-t', tests, '--csv', ...args]);
      expect({ exit, err }).toEqual({ exit: 0, err: '' });
      const measured = out.trim().split('\n').slice(1);
      expect(measured.map((line) => line.split(',')[0]).sort()).toEqual(
        ['GET', 'INCR', 'MSET (10 keys)', 'PING_INLINE', 'PING_MBULK', 'SADD', 'SET'].map(
          (name) => `"${name}"`,
        ),
      );
    });
  });
});
