import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterView } from '../../src/view/clusterView.js';
import { KvcHome } from '../support/kvcHome.js';
import { until } from '../support/until.js';

const home = new KvcHome();

beforeAll(() => {
  home.open();
});
afterAll(() => home.remove());

/** What the README and the help show first, word for word, through the build, from another directory. */
describe('the first thing that a new user does', { timeout: 60_000 }, () => {
  it('starts three nodes', async () => {
    const { exit, out } = await home.kvc('up', '-d');
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^✔ cluster "default" ready in \d+\.\d s {4}delivery causal {4}data kept in \S+default\n/,
    );
    expect(out).toMatch(/\n {2}node1 http:\/\/127\.0\.0\.1:\d+ {3}node2 http\S+ {3}node3 http\S+\n/);
    expect(out).toMatch(/Next: kvc write --node 1 a 1 · kvc delay node3 5s · kvc inspect · kvc down\n$/);
  });

  it('writes at node1, and node2 depends on it', async () => {
    const write = await home.kvc('write', '--node', '1', 'a', '1');
    expect(write).toEqual({ exit: 0, out: 'a = 1   dot node1:1   clock {node1:1}\n', err: '' });
    const delay = await home.kvc('delay', 'node3', '5s');
    expect(delay).toMatchObject({
      exit: 0,
      out: expect.stringContaining('(fault f1); undo: kvc delay node3 off') as string,
    });
    const dependent = await home.kvc('write', '--node', '2', 'b', '2');
    expect(dependent).toMatchObject({ exit: 0, out: 'b = 2   dot node2:1   clock {node1:1 node2:1}\n' });
  });

  it('shows what has not arrived yet, and what keeps it', async () => {
    const { exit, out } = await home.kvc('inspect');
    expect(exit).toBe(0);
    expect(out).toContain('node2  running  clock {node1:1 node2:1}  keys 2\n');
    expect(out).toContain('node3  running  clock {node1:1}  keys 1\n');
    expect(out).toContain('fault f1: node2 → node3 delayed 5s');
    const view = await home.json<ClusterView>('inspect', 'node2');
    expect(view.nodes).toMatchObject([
      { name: 'node2', state: 'running', inspect: { clock: { node1: 1, node2: 1 }, pending_total: 0 } },
    ]);
  });

  it('does not read at node3 what has not arrived there', async () => {
    const { exit, out, err } = await home.kvc('read', '--node', '3', 'b');
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(err).toMatch(
      /^Error: node3 has no value for "b"\nCode: KVC_E_KEY_NOT_FOUND \(exit 3\) {3}Try: kvc read b/,
    );
    expect(await home.kvc('read', '--node', '3', 'a')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('a = 1') as string,
    });
  });

  it('stops', async () => {
    expect(await home.kvc('down')).toEqual({ exit: 0, out: 'cluster "default" is stopped\n', err: '' });
    expect(home.processes()).toEqual([]);
    expect((await home.kvc('status')).exit).toBe(4);
  });
});

describe('a dependent write that overtakes the one it depends on', { timeout: 60_000 }, () => {
  it('is pending until that arrives, and inspect says why', async () => {
    await home.up('--fresh');
    await home.ok('delay', 'node1:node3', '60s');
    await home.ok('write', '--node', '1', 'a', '1', '--session', 'alice');
    await home.ok('write', '--node', '2', 'b', '2', '--session', 'alice');
    const inspect = await home.kvc('inspect', 'node3');
    expect(inspect.out).toMatch(/^node3 {2}running {2}clock \{\} {2}keys 0\n/);
    expect(inspect.out).toMatch(
      /pending \(1\) {2}b=2 from node2:1, waiting [\d.]+m?s for node1:1, which fault f1 holds back on node1 → node3/,
    );
    const status = await home.kvc('status');
    expect(status.out).toMatch(/^NODE {3}STATE {4}HTTP\s+RESP\s+CLOCK\s+KEYS {2}PENDING {2}FAULTS\n/);
    expect(status.out).toMatch(
      /node1 {2}running {2}\d+\s+\d+\s+\{node1:1 node2:1\} {2}2 {5}0 {8}out: node3 \+1m\n/,
    );
    const tooSoon = await home.kvc('read', '--node', '3', 'a', '--session', 'alice', '--timeout', '50ms');
    expect(tooSoon).toMatchObject({ exit: 6, out: '' });
    expect(tooSoon.err).toMatch(
      /^Error: node3 has not delivered node1:1.*, which session alice has seen\nCode: KVC_E_DEPS_TIMEOUT \(exit 6\) {3}Try: --timeout 1m1s · /,
    );
    expect(tooSoon.err).toContain('kvc delay node1:node3 off');
    const patient = home.kvc('read', '--node', '3', 'a', 'b', '--session', 'alice', '--timeout', '30s');
    const node3 = home.clients()[2]!;
    await until('the read waits', async () => (await node3.inspect()).waiting_requests === 1);
    await home.ok('delay', 'node1:node3', 'off');
    expect(await patient).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^a = 1 .*\nb = 2 /) as string,
    });
    expect((await home.kvc('inspect', '3')).out).not.toContain('pending');
  });
});
