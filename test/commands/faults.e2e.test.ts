import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.js';

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d', '--ephemeral');
  // From here on its messages come through: to who could not be reached before, others would bring what a fault holds back.
  await cli.ok('write', '--node', '1', 'first', '1', '--replicas', '3');
});

afterEach(async () => {
  await cli.ok('heal');
});

afterAll(() => cli.close());

describe('delay', () => {
  it('holds a dependent write back, and inspect says which write it waits for and why', async () => {
    expect(await cli.ok('delay', 'node1:node3', '1m')).toMatch(
      /^node1 → node3 delayed 1m, one way, until cleared \(fault (f\d+)\); undo: kvc delay node1:node3 off\n$/,
    );
    await cli.ok('write', '--node', '1', 'a', '1');
    await expect.poll(async () => (await cli.run('read', '--node', '2', 'a')).exitCode).toBe(0);
    await cli.ok('write', '--node', '2', 'b', '2');
    await expect
      .poll(() => cli.ok('inspect', 'node3'))
      .toMatch(
        /pending \(1\) {2}b=2 from node2:1, waiting \S+ for node1:2, which fault f\d+ holds back on node1 → node3\n/,
      );
    expect((await cli.run('read', '--node', '3', 'b')).exitCode).toBe(3);

    expect(await cli.ok('delay', '1:3', 'off')).toMatch(
      /^fault f\d+ \(node1 → node3 delayed 1m\) cleared\n$/,
    );
    await expect.poll(async () => (await cli.run('read', '--node', '3', 'b')).exitCode).toBe(0);
  });

  it('fails a read of a session that has seen more, with what to do', async () => {
    await cli.ok('delay', 'node1:node3', '20s');
    await cli.ok('write', '--node', '1', 's', '1', '--session', 'alice');
    const { exitCode, stderr } = await cli.run(
      'read',
      '--node',
      '3',
      's',
      '--session',
      'alice',
      '--timeout',
      '50ms',
    );
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(
      /^Error: node3 has not delivered node1:\d+, which session alice has seen\nCode: KVC_E_DEPS_TIMEOUT \(exit 6\) {3}Try: --timeout 21s · --node 1 · kvc delay node1:node3 off\n$/,
    );
    const waiting = cli.spawn(['read', '--node', '3', 's', '--session', 'alice', '--json']);
    await cli.ok('delay', 'node1:node3', 'off');
    expect(JSON.parse((await waiting).stdout)).toMatchObject({ value: '1', node: 'node3' });
  });

  it('ends by itself, and shows until then with what it keeps waiting', async () => {
    const fault = await cli.json('delay', 'node3', '200ms±50ms', '--for', '5m');
    expect(fault).toMatchObject({ kind: 'delay', delay_ms: 200, jitter_ms: 50, target: 'node3' });
    expect(fault['links']).toHaveLength(2);
    expect(await cli.ok('faults')).toMatch(/delayed 200ms±50ms \(seed \d+\) +in (5m|4m)/);
    await cli.ok('delay', 'node3', '1ms', '--for', '10ms');
    await expect.poll(() => cli.json('faults')).toEqual({ faults: [] });
  });

  it.each([
    [['delay', 'node3', 'soon'], 2, '5s, 200ms'],
    [['delay', 'node3'], 2, 'delay'],
    [['delay', 'node3', '5s±6s'], 2, 'jitter'],
    [['delay', '1:1', '5s'], 2, 'two different nodes'],
    [['delay', '1:', '5s'], 2, 'node1:node3'],
    [['delay', 'node9', '5s'], 3, 'node1, node2, node3'],
    [['delay', 'node3', '5s', '--seed', '-1'], 2, '0 to 4294967295'],
    [['step', 'node3'], 2, 'node1:node3'],
    [['step', '1:3', '0'], 2, 'count'],
    [['step', '1:3'], 7, 'not held'],
  ])('kvc %s exits with %d and says %s', async (args, exitCode, message) => {
    const outcome = await cli.run(...args);
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});

describe('hold, step and release', () => {
  it('act on both directions where asked to', async () => {
    const links = [
      { source: 'node1', target: 'node2' },
      { source: 'node2', target: 'node1' },
    ];
    expect(await cli.json('hold', '1:2', '--both')).toMatchObject({ target: 'node1:node2', links });
    expect(await cli.json('release', '1:2', '--both')).toMatchObject({ cleared: [{ links }], faults: [] });
  });

  it('do not take a delay for a hold', async () => {
    await cli.ok('delay', '1:2', '1m');
    expect(await cli.run('step', '1:2')).toMatchObject({ exitCode: 7 });
    expect(await cli.json('release', '1:2')).toMatchObject({ cleared: [], faults: [{ kind: 'delay' }] });
  });

  it('let updates through one at a time, then all at once', async () => {
    await cli.ok('hold', '1:2');
    const first = await cli.json('write', '--node', '1', 'h', '1');
    await cli.ok('write', '--node', '1', 'h', '2');
    await cli.ok('write', '--node', '1', 'h', '3');
    expect(await cli.json('step', '1:2')).toMatchObject({
      source: 'node1',
      target: 'node2',
      released: [first['dot']],
    });
    await expect.poll(() => cli.run('read', '--node', '2', 'h')).toMatchObject({ exitCode: 0 });
    expect(await cli.ok('read', '--node', '2', 'h')).toContain('h = 1 ');
    expect(await cli.ok('release', '1:2')).toMatch(/^fault f\d+ \(node1 → node2 held\) cleared\n$/);
    await expect.poll(() => cli.ok('read', '--node', '2', 'h')).toContain('h = 3 ');
  });
});

describe('heal', () => {
  it('names what it clears', async () => {
    await cli.ok('delay', 'node3', '5s');
    await cli.ok('hold', '1:2', '--both');
    expect(await cli.ok('heal')).toMatch(
      /^fault f\d+ \(everything to node3 delayed 5s\) cleared\nfault f\d+ \(node1 → node2 held\) cleared\n$/,
    );
    expect(await cli.ok('heal')).toContain('Nothing to clear');
    expect(await cli.json('inspect')).toMatchObject({ faults: [], nodes: [{}, {}, {}] });
  });
});

describe('a node that does not run', () => {
  it('is refused at once, and is part of the picture', async () => {
    await cli.ok('pause', '3');
    expect(await cli.run('read', 'x', '--node', '3')).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('Try: kvc resume node3') as unknown,
    });
    expect(await cli.ok('inspect', '3')).toBe('node3  paused\n');
    expect(await cli.json('inspect')).toMatchObject({
      nodes: [{ state: 'running', error: null }, {}, { name: 'node3', state: 'paused', inspect: null }],
    });
    await cli.ok('write', 'x', '1');
    expect(await cli.ok('read', 'x', '--all-nodes')).toContain('(node3 is paused)');
    await cli.ok('resume', '3');
  });
});
