import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resultOf } from './kvcHome.js';

/** Whether this machine has redis-cli and redis-benchmark. */
export const hasRedisTools = ['redis-cli', 'redis-benchmark'].every(
  (program) => spawnSync(program, ['--version']).status === 0,
);

/** Runs one of them to its end, with what is piped into it. */
export function runRedisTool(
  program: 'redis-cli' | 'redis-benchmark',
  port: number,
  args: readonly string[],
  input: string | Buffer = '',
): ReturnType<typeof resultOf> {
  const child = spawn(program, ['-p', String(port), ...args], {
    cwd: tmpdir(),
    // Whatever the one who runs the tests has set for Redis is not meant here.
    env: { PATH: process.env['PATH'], HOME: tmpdir(), TERM: 'dumb' },
    timeout: 120_000,
  });
  // One that ends early takes no more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return resultOf(child);
}
