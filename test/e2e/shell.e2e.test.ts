import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KvcHome, resultOf } from '../support/kvcHome.js';

const home = new KvcHome();
beforeAll(async () => {
  home.open();
  await home.upNew(3);
});
afterAll(() => home.remove());

/** Types lines into a shell by a pipe. */
function shell(lines: readonly string[], ...args: string[]) {
  const child = home.start(['shell', ...args]);
  const result = resultOf(child);
  child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
  return result;
}

describe('a shell whose lines come from a pipe', { timeout: 60_000 }, () => {
  it('carries them out one after another, without a prompt, with quotes, other names and advice as it stands', async () => {
    const { exit, out, err } = await shell([
      `set greeting 'hello "world"'`,
      '',
      'get greeting',
      'kvc incr visits 2',
      'sadd tags a "b c"',
      'read visits tags',
      'list',
    ]);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(
      /^greeting = hello "world" {3}dot node1:1 .*\ngreeting = hello "world" {3}dot node1:1 .*\nvisits = 2 /,
    );
    expect(out).toContain('tags = {a, "b c"}   dot node1:3\none snapshot of node1');
    expect(out).toMatch(/\nKEY +TYPE +DOT +SIBLINGS\ngreeting +value/);
    expect(out, 'a token is the business of the shell').not.toContain('kvc1.');
    expect(existsSync(join(home.dir, 'shell_history')), 'nobody typed that').toBe(false);
  });

  it('goes on behind a line that fails, and its exit status is that of the last one that did', async () => {
    const { exit, out, err } = await shell([
      'bogus',
      'read "open',
      'write k -',
      'shell',
      'use node9',
      'read absent',
      'read absent missing',
      'write last 1',
    ]);
    expect(exit).toBe(3);
    expect(out).toMatch(/last = 1 /);
    expect(err.match(/^Code: \S+ \(exit \d+\)/gm)).toEqual([
      'Code: KVC_E_USAGE (exit 2)',
      'Code: KVC_E_USAGE (exit 2)',
      'Code: KVC_E_USAGE (exit 2)',
      'Code: KVC_E_USAGE (exit 2)',
      'Code: KVC_E_NODE_UNKNOWN (exit 3)',
      'Code: KVC_E_KEY_NOT_FOUND (exit 3)',
    ]);
    expect((await shell(['read absent', 'exit', 'write never 1'])).exit).toBe(3);
    expect((await home.kvc('read', 'never')).exit, 'behind an exit').toBe(3);
  });

  it('is one causal session, whichever node it uses, and none where that is off', async () => {
    await home.ok('hold', 'node3');
    const { out, err } = await shell([
      'write mine 1',
      'use 3',
      'read mine --timeout 50ms',
      'session off',
      'read mine',
      'use 1',
      'session new',
      'delete greeting',
      'read greeting',
      'use node3',
      'read greeting --timeout 50ms',
      'session',
    ]);
    await home.ok('heal');
    expect(err.match(/^Error: .*/gm)).toEqual([
      expect.stringMatching(/^Error: node3 has not delivered node1:\d+, which the session has seen/),
      'Error: node3 has no value for "mine"',
      expect.stringMatching(/"greeting" was deleted or has expired at node1/),
      expect.stringMatching(/^Error: node3 has not delivered node1:\d+/),
    ]);
    expect(out).toContain("the shell's own session");
  });

  it('knows of a delete that it has only read, too', async () => {
    await home.ok('write', 'gone', '1', '--replicas', '3');
    await home.ok('hold', 'node3');
    await home.ok('delete', 'gone', '--node', '1');
    const { err } = await shell(['read gone', 'use 3', 'read gone --timeout 50ms'], '--node', '1');
    await home.ok('heal');
    expect(err).toMatch(/node3 has not delivered node1:\d+/);
  });

  it('goes on in a session that is kept, and changes it', async () => {
    const { out } = await shell(
      ['write s 1', 'session show alice', 'session bob', 'write s 2'],
      '--session',
      'alice',
    );
    expect(out).toMatch(/alice/);
    const { sessions } = await home.json<{ sessions: { name: string }[] }>('session', 'ls');
    expect(sessions.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  it('breaks and mends, and says how things are; what goes on for long gets a process of its own', async () => {
    const { exit, out } = await shell([
      'delay node1:node3 1s',
      'faults',
      'heal',
      'status',
      'inspect 2',
      'logs node2 --tail 1',
    ]);
    expect(exit).toBe(0);
    expect(out).toContain('node1 → node3 delayed 1s');
    expect(out).toMatch(/NODE +STATE/);
    expect(out).toMatch(/node2 +running +clock/);
    expect(out).toMatch(/node2 +info/);
  });

  it('helps', async () => {
    const { exit, out } = await shell(['help', 'help set', 'incr --help']);
    expect(exit).toBe(0);
    expect(out).toContain('session new | off');
    expect(out).toContain('$ kvc write KEY VALUE');
    expect(out).toContain('$ kvc incr KEY [BY]');
  });

  it('does not start where no cluster runs, or for a node that there is not', async () => {
    expect(await shell(['read a'], '--cluster', 'nobody')).toMatchObject({ exit: 4, out: '' });
    expect(await shell(['read a'], '--node', '9')).toMatchObject({ exit: 3, out: '' });
    expect((await shell(['read a'], '--session', 'no name')).exit).toBe(2);
  });
});
