import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { resultOf } from '../support/kvcHome.js';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();
const bin = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** Runs a program of node beside a cluster. */
function run(program: string, ...flags: string[]) {
  return home.kvc('run', ...flags, '--', process.execPath, '--input-type=module', '-e', program);
}

function clusters(): string[] {
  return readdirSync(home.dir);
}

/** A command that says that it runs by making a file, and waits for its end. */
const waiting = `
  import { writeFileSync } from 'node:fs';
  process.on('SIGTERM', () => process.exit(42));
  process.on('SIGINT', () => process.exit(43));
  setInterval(() => undefined, 1000);
  writeFileSync(process.env.KVC_HOME + '/runs', String(process.pid));
`;

/** There before it has its content. */
function pidFile(): string {
  return join(home.dir, 'runs');
}

async function startWaiting() {
  const child = home.start(['run', '--', process.execPath, '--input-type=module', '-e', waiting]);
  const result = resultOf(child);
  const isTold = (): boolean => existsSync(pidFile()) && readFileSync(pidFile(), 'utf8') !== '';
  await until('the command runs', isTold, 30_000);
  return { child, result };
}

describe('kvc run', { timeout: 60_000 }, () => {
  it('tells the command where the nodes are, and leaves nothing of them', async () => {
    const program = `
      const urls = process.env.KVC_NODES.split(',');
      const clocks = await Promise.all(urls.map(async (url) => (await fetch(url + '/clock')).json()));
      console.log(JSON.stringify(clocks.map(({ node }) => node)));
    `;
    const { exit, out, err } = await run(program, '--nodes', '2');
    expect({ exit, err, nodes: JSON.parse(out) as unknown }).toEqual({
      exit: 0,
      err: '',
      nodes: ['node1', 'node2'],
    });
    expect(home.processes()).toEqual([]);
    expect(clusters()).toEqual([]);
  });

  it('lets kvc within the command act on its cluster, beside one that runs already', async () => {
    await home.upNew(1);
    const kvc = `${process.execPath} ${bin}`;
    const script = `${kvc} write k within && ${kvc} read k --json --node 2`;
    const { exit, out } = await home.kvc('run', '--nodes', '2', '--', 'sh', '-c', `${script}; ${kvc} ls`);
    expect(exit).toBe(0);
    expect(out).toMatch(/run-[0-9a-f]{12}/);
    expect((await home.kvc('read', 'k')).exit).toBe(3);
    expect(clusters()).toEqual(['default']);
  });

  it('passes on the exit code of the command, and input as it is', async () => {
    const child = home.start(['run', '--nodes', '1', '--', 'sh', '-c', 'cat; exit 7']);
    const result = resultOf(child);
    child.stdin?.end('asked');
    expect(await result).toEqual({ exit: 7, out: 'asked', err: '' });
  });

  it('gives everything behind the first -- to the command', async () => {
    const { out } = await home.kvc('run', '--nodes', '1', '--', 'echo', '--json', '--', '--help');
    expect(out).toBe('--json -- --help\n');
  });

  it('says by its exit code that a signal ended the command', async () => {
    expect((await run('process.kill(process.pid, "SIGKILL")', '--nodes', '1')).exit).toBe(137);
  });

  it('says that there is no such command', async () => {
    const { exit, err } = await home.kvc('run', '--nodes', '1', '--', 'no-such-command');
    expect(exit).toBe(127);
    expect(err).toMatch(/^Error: no-such-command cannot be run: there is no such command\nCode: KVC_E_USAGE/);
    expect(home.processes()).toEqual([]);
  });

  it.each([
    ['SIGTERM', 42],
    ['SIGINT', 43],
  ] as const)('gives %s to the command, and ends with it', async (signal, exit) => {
    const { child, result } = await startWaiting();
    child.kill(signal);
    expect((await result).exit).toBe(exit);
    expect(home.processes()).toEqual([]);
  });

  it('leaves no node behind when it is killed itself', async () => {
    const { child } = await startWaiting();
    const command = Number(readFileSync(pidFile(), 'utf8'));
    child.kill('SIGKILL');
    await until('only the command is left', () => home.processes().join() === String(command));
    await until('its cluster is gone', () => clusters().join() === 'runs');
    process.kill(command, 'SIGKILL');
  });

  it('can be run any number of times at once', async () => {
    const runs = Array.from({ length: 4 }, () => run('console.log(process.env.KVC_NODES)', '--nodes', '2'));
    const results = await Promise.all(runs);
    expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect(new Set(results.flatMap(({ out }) => out.trim().split(','))).size).toBe(8);
  });

  it.each([
    ['no command', ['run']],
    ['no command behind --', ['run', '--']],
    ['a command without --', ['run', 'npm', 'test']],
    ['something before --', ['run', 'npm', '--', 'test']],
    ['no nodes', ['run', '--nodes', '0', '--', 'true']],
    ['an unknown limit', ['run', '--limit', 'x=1', '--', 'true']],
  ])('refuses %s', async (_, words) => {
    const { exit, err } = await home.kvc(...words);
    expect(exit).toBe(2);
    expect(err).toContain('KVC_E_USAGE');
  });
});
