import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));
let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'kvc-cli-'));
});
afterAll(async () => {
  await kvc('down', '--all', '--purge');
  rmSync(home, { recursive: true, force: true });
});

interface Outcome {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs one command from source. `onOut` may act on what it has printed so far. */
function run(
  args: readonly string[],
  onOut: (out: string, signal: (name: NodeJS.Signals) => void) => void,
): Promise<Outcome> {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, KVC_HOME: home, NO_COLOR: '1' },
  });
  let [out, err] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOut(out, (name) => void child.kill(name));
  });
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, out, err })));
}

const kvc = (...args: string[]): Promise<Outcome> => run(args, () => undefined);

describe('kvc', { timeout: 60_000 }, () => {
  it('starts, shows, breaks and stops a cluster', async () => {
    const up = await kvc('up', '-d', '--nodes', '2');
    expect(up).toMatchObject({ exit: 0 });
    expect(up.out).toMatch(/cluster "default" ready in \d+\.\d s {4}delivery causal {4}data kept in /);
    expect(up.out).toMatch(/node1 http:\/\/127\.0\.0\.1:\d+ {3}node2 http/);
    expect((await kvc('up', '-d')).err).toMatch(/already running\nCode: KVC_E_CLUSTER_RUNNING \(exit 7\)/);
    expect((await kvc('kill', '2')).out).toBe('node2 is killed\n');
    expect((await kvc('pause', 'node1')).out).toBe('node1 is paused\n');
    const status = await kvc('status');
    expect(status.out).toMatch(/^NODE {3}STATE {3}HTTP/);
    expect(status.out).toMatch(/node1 {2}paused[^]*node2 {2}killed/);
    expect(await kvc('ls')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/default {2}running {2}2/) as string,
    });
    expect((await kvc('logs', '--tail', '1')).out).toMatch(/^[\d:.]+ supervisor info node1 is paused\n$/);
    expect(await kvc('restart', '9')).toMatchObject({ exit: 3, out: '' });
    expect(await kvc('down')).toMatchObject({ exit: 0, out: 'cluster "default" is stopped\n' });
    expect(await kvc('down')).toMatchObject({ exit: 4 });
    expect(await kvc('status')).toMatchObject({
      exit: 4,
      err: expect.stringContaining('run: kvc up -d') as string,
    });
  });

  it('prints one JSON document with --json, for failures too, and exits with the status of the code', async () => {
    const ls = await kvc('ls', '--json');
    expect(JSON.parse(ls.out)).toHaveProperty('clusters');
    const cases = [
      [['status', '--cluster', 'none'], 'KVC_E_CLUSTER_NOT_RUNNING', 4],
      [['status', '--nonsense'], 'KVC_E_USAGE', 2],
      [['up', '--nodes', '17'], 'KVC_E_USAGE', 2],
      [['up', '--fresh', '--ephemeral'], 'KVC_E_USAGE', 2],
      [['status', '--cluster', '../x'], 'KVC_E_USAGE', 2],
      [['pause'], 'KVC_E_USAGE', 2],
      [['statsu'], 'KVC_E_USAGE', 2],
    ] as const;
    const outcomes = await Promise.all(cases.map(([args]) => kvc(...args, '--json')));
    for (const [index, [, code, exit]] of cases.entries()) {
      expect(outcomes[index]).toMatchObject({ exit, err: '' });
      expect(JSON.parse(outcomes[index]!.out)).toMatchObject({ error: { code } });
    }
  });

  it('explains a failure to people without a stack', async () => {
    const { err, out } = await kvc('statsu');
    expect(out).toBe('');
    expect(err).toBe('Error: kvc has no command "statsu"\nCode: KVC_E_USAGE (exit 2)   Try: kvc status\n');
    const flag = await kvc('up', '--nodes', 'many');
    expect(flag.err).toMatch(
      /^Error: --nodes: [^\n]*many\nCode: KVC_E_USAGE \(exit 2\) {3}Try: kvc up --help\n$/,
    );
  });

  it('stops the cluster on Ctrl-C in the foreground, after showing its logs', async () => {
    let isSignalled = false;
    const outcome = await run(['up', '--cluster', 'fore', '--nodes', '1', '--ephemeral'], (out, signal) => {
      if (isSignalled || !/node1\s+info/.test(out)) return;
      isSignalled = true;
      signal('SIGINT');
    });
    expect(outcome.exit).toBe(130);
    // Before it there may be a note that another program has the default port.
    expect(outcome.err).toMatch(/cluster "fore" is stopped\n$/);
    expect(outcome.out).toContain('nothing kept (ephemeral)');
    expect((await kvc('ls')).out).not.toContain('fore');
  });

  it('leaves nothing behind when the command in the foreground is ended by kill -9', async () => {
    await run(['up', '--cluster', 'fore', '--nodes', '1', '--ephemeral'], (out, signal) => {
      if (out.includes('ready in')) signal('SIGKILL');
    });
    const deadline = performance.now() + 20_000;
    while ((await kvc('ls')).out.includes('fore')) expect(performance.now()).toBeLessThan(deadline);
  });

  it('says nothing when nobody reads on, as in kvc logs | head', async () => {
    expect(await kvc('up', '-d', '--cluster', 'read', '--nodes', '1')).toMatchObject({ exit: 0 });
    const child = spawn(process.execPath, [bin, 'logs', '-f', '--cluster', 'read'], {
      env: { ...process.env, KVC_HOME: home },
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    const shown = once(child.stdout, 'data').then(() => 'shown');
    expect(await Promise.race([shown, closed]), 'what comes first').toBe('shown');
    child.stdout.destroy();
    expect(await kvc('restart', '1', '--cluster', 'read')).toMatchObject({ exit: 0 });
    const exit = await closed;
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    await kvc('down', '--cluster', 'read');
  });

  it('runs from source, not from a build', async () => {
    const debug = spawn(process.execPath, [bin, 'ls'], {
      env: { ...process.env, KVC_HOME: home, DEBUG: 'oclif:config*,kvc*,*' },
    });
    let text = '';
    debug.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => debug.once('close', resolve));
    expect(text).toMatch(/\(import\) \S*src\/commands\/ls\.ts/);
  });
});
