import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadResponseJson } from '../../src/protocol/api.js';
import { KvcHome } from '../support/kvcHome.js';

const home = new KvcHome();
beforeAll(async () => {
  home.open();
  await home.up();
});
afterAll(() => home.remove());

describe('a session in the command line', { timeout: 60_000 }, () => {
  it('goes from one shell to another, and from node to node, without ever reading the past', async () => {
    await home.ok('delay', 'all', '150ms');
    for (let turn = 1; turn <= 3; turn += 1) {
      const [writer, reader] = [String(turn), String((turn % 3) + 1)];
      await home.ok('write', 'turn', String(turn), '--node', writer, '--session', 'alice');
      const read = await home.json<ReadResponseJson>('read', 'turn', '--node', reader, '--session', 'alice');
      expect(read).toMatchObject({ value: String(turn), siblings: [] });
    }
    await home.ok('heal');
    expect(await home.json('session', 'ls')).toMatchObject({ sessions: [{ name: 'alice' }] });
  });

  it('says within its time what is missing, where, and what to do', async () => {
    await home.ok('hold', 'node1:node3');
    await home.ok('write', 'late', '1', '--node', '1', '--session', 'bob');
    const read = await home.kvc('read', 'late', '--node', '3', '--session', 'bob', '--timeout', '50ms');
    expect(read).toMatchObject({ exit: 6, out: '' });
    expect(read.err).toMatch(
      /^Error: node3 has not delivered node1:\d+, which session bob has seen\nCode: KVC_E_DEPS_TIMEOUT \(exit 6\) {3}Try: --node 1 · kvc release node1:node3\n$/,
    );
    const failed = await home.kvc(
      'read',
      'late',
      '--node',
      '3',
      '--session',
      'bob',
      '--timeout',
      '50ms',
      '--json',
    );
    expect(failed.exit).toBe(6);
    expect(JSON.parse(failed.out)).toMatchObject({
      error: {
        code: 'KVC_E_DEPS_TIMEOUT',
        missing: [{ node: 'node1', counter: expect.any(Number) as number }],
      },
    });
    await home.ok('release', 'node1:node3');
    expect(await home.json('read', 'late', '--node', '3', '--session', 'bob')).toMatchObject({ value: '1' });
  });

  it('can be carried by hand as a token', async () => {
    const write = await home.json<ReadResponseJson>('write', 'by-hand', '1', '--token', 'new', '--node', '2');
    expect(write.session).toMatch(/^kvc1\./);
    const read = await home.kvc('read', 'by-hand', '--token', write.session, '--node', '3');
    expect(read).toMatchObject({ exit: 0 });
    expect(read.out).toMatch(/^by-hand = 1 {3}dot node2:\d+ .*\ntoken kvc1\.\S+\n$/);
  });

  it.each([
    ['of another cluster', 'kvc1.decade.node1:1', 'KVC_E_TOKEN_FOREIGN'],
    ['made up', 'alice', 'KVC_E_TOKEN_INVALID'],
  ])('a token %s is refused with exit 2', async (_what, form, code) => {
    const { exit, out, err } = await home.kvc('read', 'turn', '--token', form);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(code);
  });

  it('a token that names a node nobody knows waits for it, as that may have joined just now, then says so', async () => {
    const token = `kvc1.${home.clusterFile().id}.node9:1`;
    const { exit, out, err } = await home.kvc('read', 'turn', '--token', token, '--timeout', '300ms');
    expect({ exit, out }).toEqual({ exit: 6, out: '' });
    expect(err).toContain('has not delivered node9:1');
  });
});
