import { open, rm, stat, unlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** A lock is held for some ms. One that is this old belongs to a process that was killed while it held it. */
const lockStaleMs = 5000;
const lockRetryMs = 5;
const lockTries = 2000;

/**
 * Does a short piece of work while no other process does any under the same lock file. A lock left by a process that
 * was killed is taken over after 5 s; the work must be far shorter, and safe to interleave in the unlikely case that
 * two processes take over the same one at the same moment.
 * @throws Error after about 10 s, naming the file
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await takeLock(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Creating the file exclusively is the lock: exactly one process succeeds. */
async function takeLock(path: string): Promise<void> {
  for (let attempt = 0; attempt < lockTries; attempt += 1) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!(await breakStaleLock(path))) await pause(lockRetryMs);
  }
  throw new Error(`${path} is held by another process; if none is at work, remove that file`);
}

async function breakStaleLock(path: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs < lockStaleMs) return false;
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return true;
}
