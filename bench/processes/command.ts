import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { paths } from './paths.js';

/** Runs a built command to its end. @returns how long that took, from spawning to exit, in ms */
export async function timeKvc(args: readonly string[], home: string): Promise<number> {
  return timeNode([paths.cli, ...args], { KVC_HOME: home, NO_COLOR: '1' });
}

/** @throws Error with what it printed to stderr, if its exit code is not 0 */
export async function timeNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const printed = text(child.stderr);
  const [code] = (await once(child, 'exit')) as [number | null];
  const tookMs = performance.now() - beganMs;
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}: ${await printed}`);
  return tookMs;
}

/** What a process that leaves none behind printed. @throws Error with what it printed to stderr, if its exit code is not 0 */
export async function outputOfNode(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}
