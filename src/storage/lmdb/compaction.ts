import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import { syncDir } from '../syncDir.js';
import type { PageUse } from './checkFile.js';
import { commit, put, remove } from './commit.js';
import { dataFile, openEnvironment, openRoot } from './environment.js';

/** Tells of what the store did with its files. Facts are JSON values. */
export type StoreNotice = (message: string, facts: Readonly<Record<string, unknown>>) => void;

/** A smaller file is left alone. */
const compactedFromBytes = 16 * 1024 * 1024;

/** Where the copy is made: it is of no use before it has the file's name. */
const copyDir = 'compacting';

/** Removes the copy that a crash left. */
export async function removeLeftovers(dir: string): Promise<void> {
  await rm(join(dir, copyDir), { recursive: true, force: true });
}

/**
 * Rewrites a file of which more than half is free, for lmdb never makes one smaller. The old one stands until the copy is
 * durable and takes its name. Where there is no room for a copy the file is left as it is; that costs room, nothing else.
 * Only while nobody has the file open.
 */
export async function compactIfWorthwhile(
  dir: string,
  { pageBytes, usedPages }: PageUse,
  notice: StoreNotice,
): Promise<void> {
  const { size } = await stat(dataFile(dir));
  const usedBytes = usedPages * pageBytes;
  if (size <= compactedFromBytes || usedBytes * 2 >= size) return;
  try {
    const { bavail, bsize } = await statfs(dir);
    if (bavail * bsize < usedBytes) throw new Error('the disk has no room for a copy');
    await replaceByCopy(dir);
    notice('compacted the key store', { bytes_before: size, bytes: (await stat(dataFile(dir))).size });
  } catch (error) {
    notice('could not compact the key store', {
      bytes: size,
      used_bytes: usedBytes,
      error: messageOf(error),
    });
  } finally {
    await removeLeftovers(dir);
  }
}

async function replaceByCopy(dir: string): Promise<void> {
  const target = join(dir, copyDir);
  await mkdir(target, { mode: 0o700 });
  const root = await openRoot(dir);
  try {
    await root.backup(target, true);
  } finally {
    await root.close();
  }
  await giveFreePages(target);
  await rename(dataFile(target), dataFile(dir));
  await syncDir(dir);
}

/**
 * Lets a copy have a few free pages, by transactions that end where they began. lmdb ends the process with a signal where
 * there is none and a transaction frees more than one page can list, which the first one after a compaction may well do.
 */
async function giveFreePages(dir: string): Promise<void> {
  const files = await openEnvironment(dir);
  try {
    await commit(files, () => put(files.facts, placeholder, placeholder));
    await commit(files, () => remove(files.facts, placeholder));
  } finally {
    await files.root.close();
  }
}

const placeholder = Buffer.from('placeholder');
