import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
 * alone proves nothing, for the system gives it to others later: no process may be ended on its pid alone. One that is
 * ending counts as long as it may hold a port or write to a file.
 */
export function isProcessOf(pid: number, instance: string): boolean {
  if (instance === '' || !Number.isSafeInteger(pid) || pid <= 0) return false;
  const commandLine = commandLineOf(pid);
  return commandLine === '' ? isEnding(pid) : commandLine.includes(instance);
}

/** A process that ends loses its command line first, on Linux, then its threads and files. Whose it was cannot be told any more. */
function isEnding(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return isEndingBy(readFileSync(`/proc/${pid}/stat`, 'latin1'), readdirSync(`/proc/${pid}/task`).length);
  } catch {
    return false;
  }
}

const exitingFlag = 0x4;

/**
 * Whether a process is about to end and not done with it: proc(5). A zombie is done when no other thread is left.
 * @param stat - of /proc/PID/stat; the name in brackets may contain anything
 */
export function isEndingBy(stat: string, threads: number): boolean {
  const [state = '', , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isExiting = (Number(flags) & exitingFlag) !== 0;
  return isExiting && (threads > 1 || !/[ZX]/.test(state));
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
