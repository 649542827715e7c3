import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { paths } from '../../bench/processes/paths.js';
import { findInstalled, Program } from '../../bench/rivals/program.js';
import { until } from '../support/until.js';

const dir = mkdtempSync(join(tmpdir(), 'kvc-program-'));
const forever = ['-e', 'console.log("working"); setInterval(() => undefined, 1000)'];
const started: Program[] = [];

afterEach(async () => {
  for (const program of started.splice(0)) await program.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(args: readonly string[]): Promise<Program> {
  const program = await Program.start(process.execPath, args, dir);
  started.push(program);
  return program;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a rival's program", () => {
  it('runs until it is stopped', async () => {
    const program = await start(forever);
    expect(isRunning(program.pid)).toBe(true);
    await program.stop();
    expect(isRunning(program.pid)).toBe(false);
  });

  it('ends with what started it, however that ends', async () => {
    const guard = fork(paths.guard, [process.execPath, ...forever], { execArgv: [], silent: true });
    const [{ pid }] = (await once(guard, 'message')) as [{ pid: number }];
    guard.disconnect();
    await until('the program has ended', () => !isRunning(pid));
  });

  it('is stopped, and what it printed is told, if it does not become ready', async () => {
    const program = await start(['-e', 'console.log("no disk"); process.exit(3)']);
    await expect(program.whenReady(() => Promise.resolve(false), 10_000, undefined)).rejects.toThrow(
      'no disk',
    );
    const slow = await start(forever);
    await expect(slow.whenReady(() => Promise.resolve(false), 50, undefined)).rejects.toThrow(
      'not ready after 50 ms',
    );
    expect(isRunning(slow.pid)).toBe(false);
  });

  it('is found only where it is installed', async () => {
    expect(findInstalled(process.execPath, '--version')?.version).toBe(process.version.slice(1));
    expect(findInstalled('kvc-no-such-program', '--version')).toBeUndefined();
    await expect(Program.start('kvc-no-such-program', [], dir)).rejects.toThrow('ENOENT');
  });
});
