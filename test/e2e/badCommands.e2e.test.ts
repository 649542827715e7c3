import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KvcHome, resultOf } from '../support/kvcHome.js';

const home = new KvcHome();
beforeAll(async () => {
  home.open();
  await home.up('--nodes', '2');
});
afterAll(() => home.remove());

const longKey = 'k'.repeat(1025);

/** Command, exit status, code, and what the message must contain. */
const cases: [args: string[], exit: number, code: string, named: string][] = [
  [['wirte', 'a', '1'], 2, 'KVC_E_USAGE', 'no command "wirte"\nCode: KVC_E_USAGE (exit 2)   Try: kvc write'],
  [['session', 'shwo', 'alice'], 2, 'KVC_E_USAGE', 'Try: kvc session show'],
  [['write', 'a'], 2, 'KVC_E_USAGE', 'a'],
  [['write', '', '1'], 2, 'KVC_E_KEY_INVALID', 'empty'],
  [['write', longKey, '1'], 2, 'KVC_E_KEY_INVALID', '1024'],
  [['write', 'a', '1', '--node', '9'], 3, 'KVC_E_NODE_UNKNOWN', 'node1, node2'],
  [['write', 'a', '1', '--cluster', 'nobody'], 4, 'KVC_E_CLUSTER_NOT_RUNNING', 'kvc up -d --cluster nobody'],
  [['write', 'a', '1', '--cluster', '../x'], 2, 'KVC_E_USAGE', 'cluster'],
  [['write', 'a', '1', '--session', 'Al ice'], 2, 'KVC_E_USAGE', 'session'],
  [['write', 'a', '1', '--timeout', '5'], 2, 'KVC_E_USAGE', '5s'],
  [['write', 'a', '1', '--force'], 2, 'KVC_E_USAGE', 'force'],
  [['read', 'nothing-here'], 3, 'KVC_E_KEY_NOT_FOUND', 'nothing-here'],
  [['delay', 'node1', '5'], 2, 'KVC_E_USAGE', '5s'],
  [['delay', 'node1', '100ms±200ms'], 2, 'KVC_E_USAGE', 'jitter'],
  [['delay', 'node9', '5s'], 3, 'KVC_E_NODE_UNKNOWN', 'node1, node2'],
  [['delay', 'node1:node1', '5s'], 2, 'KVC_E_USAGE', 'node1'],
  [['drop', 'node1', '20'], 2, 'KVC_E_USAGE', '20%'],
  [['partition'], 2, 'KVC_E_USAGE', '--shape'],
  [['partition', '--shape', 'ring'], 7, 'KVC_E_STATE_CONFLICT', 'takes 4 nodes'],
  [['step', 'node1'], 2, 'KVC_E_USAGE', 'source:target'],
  [['step', '1:2'], 7, 'KVC_E_STATE_CONFLICT', 'kvc hold node1:node2'],
  [['kill', 'node7'], 3, 'KVC_E_NODE_UNKNOWN', 'node1, node2'],
  [['session', 'show', 'nobody'], 3, 'KVC_E_SESSION_UNKNOWN', 'nobody'],
  [['up', '-d'], 7, 'KVC_E_CLUSTER_RUNNING', 'already running'],
  [['up', '-d', '--cluster', 'x', '--nodes', '17'], 2, 'KVC_E_USAGE', '16'],
  [['up', '-d', '--cluster', 'x', '--port', '65535'], 2, 'KVC_E_USAGE', '65535'],
  [['up', '-d', '--cluster', 'x', '--delivery', 'total'], 2, 'KVC_E_USAGE', 'causal'],
  [['down', '--cluster', 'nobody'], 4, 'KVC_E_CLUSTER_NOT_RUNNING', 'nobody'],
  [['bench', '--seconds', '0'], 2, 'KVC_E_USAGE', '3600'],
  [['bench', '--node', '9'], 3, 'KVC_E_NODE_UNKNOWN', 'node1, node2'],
  [['demo', 'nonsense'], 2, 'KVC_E_USAGE', 'dependent-write'],
];

describe('a command that cannot be done', { timeout: 60_000 }, () => {
  it.each(cases)('%s: exit %i, %s', async (args, exit, code, named) => {
    const plain = await home.kvc(...args);
    expect(plain).toMatchObject({ exit, out: '' });
    expect(plain.err).toMatch(/^Error: /);
    expect(plain.err).toContain(`Code: ${code} (exit ${exit})`);
    expect(plain.err).toContain(named);
    expect(plain.err).not.toMatch(/^ +at /m);
  });

  it.each(cases.filter((_, index) => index % 5 === 0))(
    '%s: exit %i, %s as one JSON document',
    async (args, exit, code) => {
      const { out, ...rest } = await home.kvc(...args, '--json');
      expect(rest).toEqual({ exit, err: '' });
      expect(JSON.parse(out)).toMatchObject({ error: { code, message: expect.any(String) as string } });
    },
  );

  it('has changed nothing', async () => {
    const { nodes, faults } = await home.status();
    expect({ states: nodes.map(({ state }) => state), faults }).toEqual({
      states: ['running', 'running'],
      faults: [],
    });
    expect(await home.json('list')).toMatchObject({ keys: [], clock: {} });
    expect(await home.json('ls')).toMatchObject({ clusters: [{ name: 'default' }] });
  });

  it('is explained for a value on standard input that is too large', async () => {
    const child = home.start(['write', 'k', '-']);
    const result = resultOf(child);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.alloc(1024 * 1024 + 1));
    const { exit, err } = await result;
    expect(exit).toBe(2);
    expect(err).toContain('KVC_E_VALUE_TOO_LARGE');
  });

  it('is explained for a cluster file that another version wrote, and ls goes on', async () => {
    mkdirSync(join(home.dir, 'later'), { mode: 0o700 });
    writeFileSync(join(home.dir, 'later', 'cluster.json'), '{"format":3}');
    const { exit, err } = await home.kvc('status', '--cluster', 'later');
    expect(exit).toBe(7);
    expect(err).toContain('KVC_E_FORMAT_UNKNOWN');
    expect(await home.json('ls')).toMatchObject({
      clusters: [
        { name: 'default', state: 'running' },
        { name: 'later', state: 'unreadable' },
      ],
    });
  });
});
