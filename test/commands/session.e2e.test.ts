import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './cli.js';

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d');
});

afterAll(() => cli.close());

describe('sessions', () => {
  it('carry what was seen from one command to the next, and across nodes', async () => {
    const written = await cli.json('write', '--node', '1', 'a', '1', '--session', 'alice');
    const read = await cli.json('read', '--node', '3', 'a', '--session', 'alice');
    expect(read).toMatchObject({ value: '1', dot: written['dot'] });
    expect(await cli.json('session', 'show', 'alice')).toMatchObject({ name: 'alice', seen: { node1: 1 } });
    expect(await cli.ok('session', 'ls')).toMatch(/^SESSION +HAS SEEN +LAST USED\nalice +\{node1:1\} +\d/);
  });

  it('lose nothing when commands run at the same time', async () => {
    const writes = ['1', '2', '3', '1', '2', '3'].map((node, index) =>
      cli.spawn(['write', '--node', node, `k${index}`, 'x', '--session', 'busy', '--json']),
    );
    const dots = (await Promise.all(writes)).map(
      ({ stdout }) => (JSON.parse(stdout) as { dot: { node: string; counter: number } }).dot,
    );
    const { seen } = (await cli.json('session', 'show', 'busy')) as { seen: Record<string, number> };
    for (const { node, counter } of dots) expect(seen[node]).toBeGreaterThanOrEqual(counter);
  });

  it('merge and reset', async () => {
    await cli.ok('write', '--node', '2', 'b', '1', '--session', 'bob');
    const { seen: bobs } = await cli.json('session', 'show', 'bob');
    expect(await cli.json('session', 'merge', 'carol', 'alice', 'bob')).toMatchObject({
      name: 'carol',
      seen: { node1: 1, ...(bobs as Record<string, number>) },
    });
    expect(await cli.ok('session', 'reset', 'carol')).toContain('carol is forgotten');
    expect(await cli.run('session', 'show', 'carol')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('there are alice') as unknown,
    });
    expect((await cli.run('session', 'show', '../x')).exitCode).toBe(2);
  });

  it('go on by a token kept by hand, which is printed', async () => {
    const started = await cli.ok('write', 't', '1', '--token', 'new');
    const [, token = ''] = /\ntoken (\S+)\n$/.exec(started) ?? [];
    const read = await cli.json('read', 't', '--node', '2', '--token', token);
    expect(read).toMatchObject({ value: '1', session: token });
  });

  it('survive the cluster being stopped, but not its data being wiped', async () => {
    await cli.ok('down');
    expect(await cli.json('session', 'show', 'alice')).toMatchObject({ seen: { node1: 1 } });
    await cli.ok('up', '-d');
    expect(await cli.json('read', '--node', '3', 'a', '--session', 'alice')).toMatchObject({ value: '1' });
    await cli.ok('down');
    await cli.ok('up', '-d', '--fresh');
    const outcome = await cli.run('write', 'a', '1', '--session', 'alice');
    expect(outcome).toMatchObject({ exitCode: 0 });
  });
});
