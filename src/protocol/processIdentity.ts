import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which process uses a data directory. `instance` is unique to the process and stands on its command line. */
export interface DataLock {
  readonly pid: number;
  readonly instance: string;
}

/** The lock file's name inside a data directory. */
export const dataLockFile = 'LOCK';

/**
 * What the lock file of a data directory says; undefined if there is none, or none that can be read (a power failure may
 * leave an empty one behind). The process it names may be long gone: ask `isProcessOf`.
 */
export function readDataLock(dir: string): DataLock | undefined {
  try {
    return parseDataLock(JSON.parse(readFileSync(join(dir, dataLockFile), 'utf8')));
  } catch {
    return undefined;
  }
}

function parseDataLock(input: unknown): DataLock | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { pid, instance } = input as Record<string, unknown>;
  if (typeof instance !== 'string' || instance === '') return undefined;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, instance };
}

/**
 * True if the process `pid` is alive (stopped counts, a zombie does not) and has `instance` on its command line. A pid
 * alone proves nothing, for the system gives it to others later: no process may be ended on its pid alone.
 */
export function isProcessOf(pid: number, instance: string): boolean {
  if (instance === '' || !Number.isSafeInteger(pid) || pid <= 0) return false;
  return commandLineOf(pid).includes(instance);
}

/** Empty when there is no such process. */
function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
