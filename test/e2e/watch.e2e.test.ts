import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../support/until.js';
import { useHome } from '../support/useHome.js';

const home = useHome();

/** `kvc watch`, and what it has printed so far. */
class WatchCommand {
  readonly child: ChildProcess;
  out = '';
  err = '';

  constructor(...args: string[]) {
    this.child = home.start(['watch', ...args]);
    this.child.stdout!.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  get lines(): string[] {
    return this.out.split('\n').slice(0, -1);
  }

  says(text: string): Promise<unknown> {
    return until(`it says ${text}`, () => this.err.includes(text), 20_000);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    const [status] = (await ended) as [number | null];
    return status;
  }
}

it('shows what every node writes, through kill -9 of its node and of the next one, and leaves nothing out', async () => {
  await home.upNew(3);
  const nodes = home.clients();
  const watching = new WatchCommand('--node', '1');
  await watching.says('Watching all keys at node1');
  const written: string[] = [];
  const write = async (index: number): Promise<void> => {
    const key = `k${written.length}`;
    const { dot } = await nodes[index]!.write(key, 'x');
    written.push(`${dot.node}:${dot.counter}  ${key} = x`);
  };
  for (let n = 0; n < 10; n += 1) await write(n % 3);
  process.kill(home.pidOf('node1'), 'SIGKILL');
  for (let n = 0; n < 10; n += 1) await write(1 + (n % 2));
  await watching.says('broke off');
  await until('it goes on', () => watching.lines.length === 20, 20_000);
  await home.ok('kill', 'node1');
  await watching.says('goes on at node2');
  for (let n = 0; n < 10; n += 1) await write(1 + (n % 2));
  await until('it has all', () => watching.lines.length >= 30, 20_000);
  expect([...watching.lines].sort()).toEqual([...written].sort());
  for (const node of ['node1', 'node2', 'node3']) {
    const own = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(`${node}:`));
    expect(own(watching.lines)).toEqual(own(written));
  }
  expect(await watching.end('SIGINT')).toBe(130);
  expect(watching.err).toMatch(/To go on from here: kvc watch --from kvc1\.\S+\n$/);
  const [, from] = /--from (\S+)/.exec(watching.err)!;
  await write(1);
  const again = new WatchCommand('k', '--node', '3', '--from', from!, '--json');
  await until('it has the rest', () => again.lines.length >= 2, 20_000);
  expect(again.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'change', node: 'node3', writes: [{ key: 'k30', kind: 'put', value: 'x' }] },
    { event: 'ready', node: 'node3' },
  ]);
});

it('says what it missed, and ends when the cluster is stopped', async () => {
  await home.upNew(1, '--limit', 'logBytesMax=1mib', '--limit', 'logKeptBytes=0');
  const [node] = home.clients();
  const { session } = await node!.write('first', 'x', { session: 'new' });
  for (let n = 0; n < 6; n += 1) await node!.write(`k${n}`, 'x'.repeat(500_000));
  await until('the log is short', async () => (await node!.inspect()).log.updates < 6);
  const watching = new WatchCommand('f', '--from', session);
  await watching.says('That is all; what is written from here on follows');
  expect(watching.err).toContain('no longer has node1:2 to node1:7');
  expect(watching.lines).toEqual(['node1:1  first = x   as it is']);
  const ended = once(watching.child, 'exit');
  await home.ok('down');
  expect((await ended)[0]).toBe(4);
  expect(watching.err).toContain('KVC_E_CLUSTER_NOT_RUNNING');
});

it.each([
  ['no token', 'KVC_E_TOKEN_INVALID', ['--from', 'nonsense']],
  ['a token of another cluster', 'KVC_E_TOKEN_FOREIGN', ['--from', 'kvc1.beef.node1:1']],
  ['a node that there is not', 'KVC_E_NODE_UNKNOWN', ['--node', '9']],
  ['a prefix that is too long', 'KVC_E_KEY_INVALID', ['x'.repeat(1025)]],
])('refuses %s with %s', async (_, code, args) => {
  await home.upNew(1);
  const { exit, err } = await home.kvc('watch', ...args);
  expect(exit).toBeGreaterThan(0);
  expect(err).toContain(code);
});
