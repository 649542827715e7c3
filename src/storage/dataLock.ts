import { link, mkdir, readFile, realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KvcError } from '../errors.js';
import { dataLockFile, isProcessOf, readDataLock, type DataLock } from '../protocol/processIdentity.js';

export interface HeldLock {
  /** Gives the directory free. May be called again. */
  release(): Promise<void>;
}

/** Directories that this process has locked: its command line need not name every instance that runs in it. */
const lockedHere = new Set<string>();

/**
 * Makes this process the only one that uses the data directory, until `release`. A lock whose process is gone, as after
 * kill -9, is replaced. `instance` must stand on this process's command line: by that, others know that it is alive.
 * @throws KvcError KVC_E_DATA_LOCKED naming the process
 */
export async function lockDataDir(dir: string, instance: string): Promise<HeldLock> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const place = await realpath(dir);
  if (lockedHere.has(place)) throw locked(dir, readDataLock(place));
  lockedHere.add(place);
  try {
    await take(dir, place, { pid: process.pid, instance });
  } catch (error) {
    lockedHere.delete(place);
    throw error;
  }
  return { release: () => release(place, instance) };
}

async function take(dir: string, place: string, own: DataLock): Promise<void> {
  const path = join(place, dataLockFile);
  const draft = `${path}.${own.instance}`;
  // Linked into place with its content, so that nobody ever reads half a lock and takes it for a stale one.
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    if (await linked(draft, path)) return;
    const found = await readFile(path, 'utf8');
    const holder = readDataLock(place);
    if (holder !== undefined && isAlive(holder)) throw locked(dir, holder);
    if (!(await removed(path, found, own)) || !(await linked(draft, path)))
      throw locked(dir, readDataLock(place));
  } finally {
    await unlink(draft);
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock whose content is `stale`; false if another process was quicker. Between looking and removing, that one
 * may have put its own in place: so the lock is moved aside, looked at again, and put back if it is not the stale one.
 */
async function removed(path: string, stale: string, own: DataLock): Promise<boolean> {
  const aside = `${path}.${own.instance}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  const isStale = (await readFile(aside, 'utf8')) === stale;
  if (!isStale) await linked(aside, path);
  await unlink(aside);
  return isStale;
}

function isAlive({ pid, instance }: DataLock): boolean {
  // With this process's own pid it was left by a process of an earlier boot or container that had the same one.
  return pid !== process.pid && isProcessOf(pid, instance);
}

async function release(place: string, instance: string): Promise<void> {
  if (!lockedHere.delete(place)) return;
  if (readDataLock(place)?.instance === instance) await unlink(join(place, dataLockFile));
}

function locked(dir: string, holder: DataLock | undefined): KvcError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  return new KvcError(
    'KVC_E_DATA_LOCKED',
    `${dir} is in use by ${who}. Stop the cluster that it belongs to first: kvc down`,
    { dir, pid: holder?.pid ?? null },
  );
}
