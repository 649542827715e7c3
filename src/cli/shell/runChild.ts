import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs kvc in a process of its own, which has the terminal until it ends: Ctrl-C ends it, and not this one.
 * @returns its exit status
 */
export function runChild(args: readonly string[], stdin: 'inherit' | 'ignore'): Promise<number> {
  return new Promise((resolve, reject) => {
    const program = process.argv[1] ?? '';
    const child = spawn(process.execPath, [program, ...args], { stdio: [stdin, 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
