import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.js';

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d', '--ephemeral');
});

afterAll(() => cli.close());

describe('the command line', () => {
  it.each([['write'], ['read'], ['delete'], ['list'], ['inspect'], ['delay'], ['session:merge']])(
    'runs %s from source',
    (command) => {
      expect(cli.sourceOf(command)?.join('/')).toMatch(/^commands\/.*\.ts$/);
    },
  );
});

describe('write and read', () => {
  it('show the value, its dot and the clock of the node', async () => {
    expect(await cli.ok('write', '--node', '1', 'first', '1')).toMatch(
      /^first = 1 {3}dot node1:\d+ {3}clock \{node1:\d+/,
    );
    expect(await cli.ok('read', '--node', 'node1', 'first')).toMatch(
      /^first = 1 {3}dot node1:\d+ {3}clock \{/,
    );
  });

  it('return the answer of the node as one JSON document', async () => {
    const written = await cli.json('write', 'j', 'x');
    expect(Object.keys(written)).toEqual(['node', 'key', 'value', 'dot', 'clock', 'session']);
    const read = await cli.json('read', 'j');
    expect(read).toMatchObject({ node: 'node1', key: 'j', value: 'x', dot: written['dot'], siblings: [] });
  });

  it('take several pairs as one update, and several keys as one snapshot', async () => {
    const batch = await cli.json('write', 'p', '1', 'q', '2');
    expect(batch['writes']).toEqual([
      { key: 'p', value: '1' },
      { key: 'q', value: '2' },
    ]);
    const snapshot = await cli.json('read', 'p', 'q', 'absent');
    expect(snapshot['entries']).toMatchObject([
      { key: 'p', value: '1', dot: batch['dot'] },
      { key: 'q', value: '2', dot: batch['dot'] },
      { key: 'absent', value: null, dot: null },
    ]);
    expect(await cli.ok('read', 'p', 'absent')).toMatch(
      /^p = 1 .*\nabsent = \(none\)\none snapshot of node1/,
    );
  });

  it('keep a value that looks like a flag or is empty', async () => {
    await cli.ok('write', 'dash', '--', '--node');
    expect((await cli.json('read', 'dash'))['value']).toBe('--node');
    await cli.ok('write', 'void', '');
    expect((await cli.json('read', 'void'))['value']).toBe('');
  });

  it('take any bytes from standard input', async () => {
    const bytes = Buffer.from([0xff, 0, 10, 13]);
    expect(await cli.spawn(['write', 'bin', '-'], bytes)).toMatchObject({ exitCode: 0 });
    const read = await cli.json('read', 'bin');
    expect(read).toMatchObject({ value: bytes.toString('base64'), encoding: 'base64' });
    const { stdout, stderr } = await cli.run('read', 'bin');
    expect(stdout).toContain('(base64)');
    expect(stderr).toContain('Not UTF-8 text');
    const tooLarge = await cli.spawn(['write', 'big', '-'], Buffer.alloc(1024 * 1024 + 1));
    expect(tooLarge).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('KVC_E_VALUE_TOO_LARGE') as unknown,
    });
  });

  it('exit with 3 for what is not there, without anything on stdout', async () => {
    expect(await cli.run('read', 'absent')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('node1 has no value for "absent"') as unknown,
    });
    expect(await cli.json('read', 'absent')).toMatchObject({
      error: { code: 'KVC_E_KEY_NOT_FOUND', key: 'absent', node: 'node1' },
    });
    expect((await cli.run('read', 'absent', 'missing')).exitCode).toBe(3);
    expect((await cli.run('read', 'absent', '--all-nodes')).exitCode).toBe(3);
    expect(await cli.spawn(['read', 'absent', 'missing', '--json'])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('"entries"') as unknown,
    });
  });

  it.each([
    [['write', 'a'], 2, 'KVC_E_USAGE'],
    [['write', 'a', '1', 'b'], 2, 'KVC_E_USAGE'],
    [['write', '', '1'], 2, 'KVC_E_KEY_INVALID'],
    [['read', 'k'.repeat(1025)], 2, 'KVC_E_KEY_INVALID'],
    [['read', 'a', '--timeout', 'soon'], 2, 'KVC_E_USAGE'],
    [['read', 'a', '--node', '9'], 3, 'KVC_E_NODE_UNKNOWN'],
    [['read', 'a', '--token', 'x'], 2, 'KVC_E_'],
    [['read', 'a', '--token', 'kvc1.other.node1:1'], 2, 'KVC_E_TOKEN_FOREIGN'],
    [['read', 'a', '--token', 'new', '--session', 'x'], 2, 'KVC_E_USAGE'],
    [['read', 'a', '--cluster', 'other'], 4, 'KVC_E_CLUSTER_NOT_RUNNING'],
    [['write', 'a', '1', '--sesion', 'x'], 2, 'KVC_E_USAGE'],
    [['list', '--limit', '0'], 2, 'KVC_E_USAGE'],
  ])('kvc %s exits with %d: %s', async (args, exitCode, code) => {
    const outcome = await cli.run(...args);
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`^Error: .*\\n(.*\\n)*Code: ${code}`));
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  it('delete, and list what is left', async () => {
    await cli.ok('write', 'd/1', 'x', 'd/2', 'x', 'd/3', 'x');
    // As long as the others lack the delete its tombstone stays, which names its dot.
    await cli.ok('delay', 'all', '1m');
    expect(await cli.ok('delete', 'd/2')).toMatch(/^d\/2 deleted {3}dot node1:/);
    const listed = await cli.json('list', '--prefix', 'd/');
    expect(listed).toMatchObject({ more: false, keys: [{ key: 'd/1' }, { key: 'd/3' }] });
    const limited = await cli.run('list', '--prefix', 'd/', '--limit', '1');
    expect(limited.stdout).toMatch(/^KEY +TYPE +DOT +SIBLINGS\nd\/1 /);
    expect(limited.stderr).toContain('There are more keys');
    expect((await cli.run('read', 'd/2')).stderr).toMatch(
      /"d\/2" was deleted or has expired at node1, by node1:\d+/,
    );
    await cli.ok('heal');
  });
});

describe('conflicts', () => {
  it('show at every node with the same winner, and all their values on request', async () => {
    await cli.ok('delay', 'all', '1m');
    await cli.ok('write', '--node', '1', 'c', 'one');
    await cli.ok('write', '--node', '2', 'c', 'two');
    await cli.ok('heal');
    await expect
      .poll(() => cli.ok('read', 'c', '--node', '3'))
      .toContain('(1 sibling: kvc read c --siblings)');
    const shown = await cli.ok('read', 'c', '--node', '3', '--siblings');
    expect(shown).toMatch(/^c = (one|two) .*\nc = (one|two) {3}dot .*\(sibling\)\n$/);
    const { nodes } = (await cli.json('read', 'c', '--all-nodes')) as {
      nodes: { entries: { value: string }[] }[];
    };
    expect(new Set(nodes.map(({ entries }) => entries[0]?.value)).size).toBe(1);
  });
});
