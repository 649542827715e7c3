import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, KvcError, messageOf } from '../../errors.js';
import { realFiles } from '../realFiles.js';
import { syncDir } from '../syncDir.js';
import { writeDurably } from '../writeDurably.js';
import { checkFile, type PageUse } from './checkFile.js';
import { compactIfWorthwhile, removeLeftovers, type StoreNotice } from './compaction.js';
import { dataFile, openEnvironment, type LmdbFiles } from './environment.js';
import { damaged, requireRoom, writeFailure } from './lmdbFailure.js';
import { isIntact } from './isIntact.js';

/** Stands beside the files once they have been made durable for the first time. */
const createdFile = 'CREATED';

/** lmdb maps this file into memory, too: 126 readers. */
const lockFileBytes = 8272;

/** @throws KvcError KVC_E_STORE_CORRUPT, KVC_E_FORMAT_UNKNOWN, KVC_E_DISK_FULL, KVC_E_STORE_FAILED */
export async function openLmdbFiles(dir: string, notice: StoreNotice = () => undefined): Promise<LmdbFiles> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await removeLeftovers(dir);
    const isNew = !existsSync(join(dir, createdFile));
    const pages = await (isNew ? checkUnfinished(dir) : checkFinished(dir));
    // An environment that lmdb-js cannot open ends the process with a signal, so whatever could fail has to fail here.
    await reserveLockFile(join(dir, 'lock.mdb'));
    if (pages === undefined) await requireRoom(dir);
    else await compactIfWorthwhile(dir, pages, notice);
    const files = await openEnvironment(dir);
    if (isNew) await finishCreation(files);
    return files;
  } catch (cause) {
    if (cause instanceof KvcError) throw cause;
    const failure = await writeFailure(dir, cause);
    if (failure.code !== 'KVC_E_STORE_FAILED') throw failure;
    const message = `the key store in ${dir} cannot be opened (${messageOf(cause)}). Check the directory and its disk`;
    throw new KvcError('KVC_E_STORE_FAILED', message, { dir }, { cause });
  }
}

async function checkFinished(dir: string): Promise<PageUse> {
  const path = dataFile(dir);
  const pages = await checkFile(path, isIntact);
  if (pages === undefined) throw damaged(`${path} is gone or empty`, { file: path });
  return pages;
}

/**
 * Removes what a power failure left of an earlier attempt to create the files: as nothing had been made durable, nothing is
 * lost, and lmdb could not open it.
 */
async function checkUnfinished(dir: string): Promise<PageUse | undefined> {
  try {
    return await checkFile(dataFile(dir), isIntact);
  } catch (error) {
    if (!hasCode(error, 'KVC_E_STORE_CORRUPT')) throw error;
    await rm(dataFile(dir));
    return undefined;
  }
}

/**
 * Sees to it that the disk has room for the lock file. lmdb makes it and writes to it through memory: if there were no
 * room then, the process would end with a signal. Nobody else uses it, for the data directory is locked.
 */
async function reserveLockFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const isReserved = found !== undefined && found.size >= lockFileBytes && found.blocks * 512 >= found.size;
  const handle = await open(path, isReserved ? 'r+' : 'w', 0o600);
  try {
    if (!isReserved) await handle.writeFile(Buffer.alloc(lockFileBytes));
    if (!isReserved) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function finishCreation({ dir, path }: LmdbFiles): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await writeDurably(realFiles, join(dir, createdFile), '');
  await syncDir(dirname(dir));
}
