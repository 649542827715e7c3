import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.js';

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d', '--ephemeral');
});

afterAll(() => cli.close());

describe('incr and decr', () => {
  it('print the count, whatever node it is counted at', async () => {
    expect(await cli.ok('incr', 'visits', '--node', '1')).toMatch(
      /^visits = 1 {3}dot node1:\d+ {3}clock \{node1:\d+/,
    );
    const seen = await cli.json('incr', 'visits', '41', '--session', 'c');
    expect(seen).toMatchObject({ node: 'node1', key: 'visits', value: '42', type: 'counter' });
    expect(await cli.ok('decr', 'visits', '2', '--node', '2', '--session', 'c')).toMatch(/^visits = 40 /);
    expect(await cli.ok('read', 'visits', '--node', '3', '--session', 'c')).toMatch(
      /^visits = 40 {3}dot node2:/,
    );
  });
});

describe('sadd and srem', () => {
  it('print the set', async () => {
    expect(await cli.ok('sadd', 'tags', 'b', 'a', 'c d')).toMatch(/^tags = \{a, b, "c d"\} {3}dot node1:/);
    expect(await cli.json('srem', 'tags', 'b')).toMatchObject({
      type: 'set',
      members: [{ value: 'a' }, { value: 'c d' }],
    });
    expect(await cli.ok('read', 'tags')).toMatch(/^tags = \{a, "c d"\} /);
    expect(await cli.ok('srem', 'tags', 'a', 'c d')).toMatch(/^tags = \{\} {3}dot node1:/);
    expect((await cli.run('read', 'tags')).exitCode).toBe(3);
  });
});

describe('write --ttl', () => {
  it('says when the value expires, and then it is gone', async () => {
    expect(await cli.ok('write', 'long', '1', '--ttl', '1h')).toMatch(
      /^long = 1 {3}expires in (1h|59m[\d.]+s) {3}dot node1:/,
    );
    expect(await cli.json('write', 'x', '1', 'y', '2', '--ttl', '1ms')).toMatchObject({
      writes: [{ expires_at_ms: expect.any(Number) as number }, { key: 'y' }],
    });
    await expect.poll(async () => (await cli.run('read', 'x', 'y')).exitCode).toBe(3);
    expect(await cli.ok('list', '--prefix', 'long')).toMatch(/long +value +node1:\d+ +0 +expires in/);
    expect(await cli.ok('read', 'long', '--all-nodes')).toMatch(
      /node3 +long +1 \(expires in [\dhm.s]+\) +node1:/,
    );
  });
});

describe('a condition', () => {
  it('that does not hold is exit 8, and says what stands there', async () => {
    await cli.ok('write', 'lock', 'ann', '--create');
    const second = await cli.run('write', 'lock', 'bob', '--create');
    expect(second).toMatchObject({ exitCode: 8, stdout: '' });
    expect(second.stderr).toMatch(
      /^Error: "lock" has a value already; nothing was written\. node1 holds ann \(node1:\d+\)\nCode: KVC_E_CONDITION_FAILED \(exit 8\) {3}Try: kvc read lock --siblings · --if-context kvc1\./,
    );
    const { error } = (await cli.json('write', 'lock', 'bob', '--create')) as { error: { session: string } };
    expect(error).toMatchObject({ code: 'KVC_E_CONDITION_FAILED', versions: [{ value: 'ann' }] });
    expect(await cli.ok('write', 'lock', 'bob', '--if-context', error.session)).toMatch(/^lock = bob /);
    expect((await cli.run('delete', 'lock', '--if-context', error.session)).exitCode).toBe(8);
    expect(await cli.ok('read', 'lock')).toMatch(/^lock = bob /);
  });
});

describe('what does not fit', () => {
  it.each([
    [['incr', 'text'], 2, 'KVC_E_TYPE_MISMATCH'],
    [['sadd', 'text', 'a'], 2, 'KVC_E_TYPE_MISMATCH'],
    [['incr', 'n', '0'], 2, 'KVC_E_USAGE'],
    [['incr', 'n', '1.5'], 2, 'KVC_E_USAGE'],
    [['decr', 'n', 'many'], 2, 'KVC_E_USAGE'],
    [['sadd', 's'], 2, 'KVC_E_USAGE'],
    [['write', 'a', '1', '--ttl', '0s'], 2, 'KVC_E_USAGE'],
    [['write', 'a', '1', '--ttl', '30'], 2, 'KVC_E_USAGE'],
    [['write', 'a', '1', '--create', '--if-context', 'new'], 2, 'KVC_E_USAGE'],
    [['write', 'a', '1', '--if-context', 'nonsense'], 2, 'KVC_E_TOKEN_INVALID'],
  ])('kvc %s exits with %d: %s', async (args, exitCode, code) => {
    await cli.ok('write', 'text', 'x');
    const outcome = await cli.run(...args);
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`^Error: .*\\n(.*\\n)*Code: ${code}`));
  });
});
