import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '../../src/load/benchReport.js';
import { until } from '../support/until.js';
import { Cli } from './cli.js';

const quick = ['--seconds', '1', '--keys', '500', '--clients', '6'];

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.open();
  await cli.ok('up', '-d', '--ephemeral');
});

afterAll(() => cli.close());

async function bench(...args: string[]): Promise<BenchReport> {
  return (await cli.json('bench', ...quick, ...args)) as unknown as BenchReport;
}

async function keysLeft(): Promise<unknown> {
  return (await cli.json('list', '--prefix', 'kvc-bench/'))['keys'];
}

describe('kvc bench', () => {
  it('measures all nodes over both protocols, and leaves nothing behind', async () => {
    await cli.ok('write', 'mine', '1');
    const { nodes, lines, visibility, deleted_keys } = await bench('--reads', '50', '--pipeline', '8');
    expect(nodes).toEqual(['node1', 'node2', 'node3']);
    expect(lines.map(({ protocol, pipeline }) => `${protocol} ${pipeline}`)).toEqual([
      'resp 1',
      'resp 8',
      'http 1',
    ]);
    for (const { answered, refused, p50_ms, p99_ms, max_ms } of lines) {
      expect(answered).toBeGreaterThan(0);
      expect(refused).toBe(0);
      expect(p50_ms).toBeLessThanOrEqual(p99_ms ?? NaN);
      expect(p99_ms).toBeLessThanOrEqual(max_ms ?? NaN);
    }
    expect(visibility?.samples).toBeGreaterThan(0);
    expect(deleted_keys).toBe(500);
    expect(await keysLeft()).toEqual([]);
    expect(await cli.ok('read', 'mine')).toContain('mine = 1');
  });

  it('measures one node alone, and shows a table', async () => {
    const args = ['--node', '2', '--protocol', 'resp', '--reads', '90'];
    const { stdout, stderr, exitCode } = await cli.run('bench', ...quick, ...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/node2, ephemeral {3}6 clients {3}500 keys/);
    expect(stdout).toMatch(/^RESP, 90 % reads +[\d,]+ +[\d.]+ ms/m);
    expect(stdout).not.toContain('visible');
    expect(stderr).toBe('writes keys that begin with kvc-bench/, and deletes them in the end\n');
  });

  it('leaves out a node that does not run, and says so', async () => {
    await cli.ok('pause', 'node3');
    const { stdout, stderr } = await cli.run('bench', ...quick, '--protocol', 'resp', '--reads', '100');
    expect(stderr).toContain('node3 is paused, and left out');
    expect(stdout).toMatch(/node1 node2, ephemeral/);
    expect((await cli.run('bench', '--node', '3')).exitCode).toBe(5);
    await cli.ok('resume', 'node3');
  });

  it('deletes what an earlier one left behind', async () => {
    await cli.ok('write', 'kvc-bench/9999999', 'left');
    await bench('--protocol', 'resp', '--reads', '100');
    expect(await keysLeft()).toEqual([]);
  });

  it('deletes its keys and exits with 130 at Ctrl-C', async () => {
    const dev = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));
    const child = spawn(process.execPath, [dev, 'bench', '--seconds', '600'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [printed, ended] = [text(child.stdout), once(child, 'exit')];
    await until('keys', async () => ((await keysLeft()) as unknown[]).length > 0);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(await printed).toBe('');
    expect(await keysLeft()).toEqual([]);
  });

  it('fails when a node is lost, says what it leaves, and the next one deletes that', async () => {
    const running = cli.spawn(['bench', '--seconds', '600']);
    await until('keys', async () => ((await keysLeft()) as unknown[]).length > 0);
    await cli.ok('kill', 'node3');
    const { exitCode, stdout, stderr } = await running;
    expect([exitCode, stdout]).toEqual([5, '']);
    expect(stderr).toContain('Keys that begin with kvc-bench/ could not be deleted: node3');
    expect(stderr).toMatch(/^Error: node3.*\nCode: KVC_E_NODE_UNREACHABLE/m);
    await cli.ok('restart', 'node3');
    await bench('--protocol', 'resp', '--reads', '100');
    expect(await keysLeft()).toEqual([]);
  });

  it.each([
    [4, ['--cluster', 'absent']],
    [3, ['--node', '9']],
    [2, ['--clients', 'many']],
    [2, ['--protocol', 'smtp']],
  ])('exits with %i for %j', async (exitCode, args) => {
    expect(await cli.run('bench', ...args)).toMatchObject({ exitCode, stdout: '' });
  });
});
