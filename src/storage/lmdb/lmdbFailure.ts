import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { KvcError, messageOf, type ErrorFacts } from '../../errors.js';

/*
 * What lmdb-js throws bears a number in `code`: one of the system, or one of lmdb itself, which are negative. What node
 * throws bears the system's name for it.
 */

const fullCodes: readonly unknown[] = [28, 122, 'ENOSPC', 'EDQUOT'];

/** EIO. lmdb also says so when the disk took only part of a write, as it does when that fills it. */
const ioErrorCode = 5;

/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_VERSION_MISMATCH, MDB_INVALID */
const damageCodes: readonly unknown[] = [-30797, -30796, -30794, -30793];

/** More than lmdb writes at once. */
const probeBytes = 1024 * 1024;

/** How long the reason of a failed commit may be in coming. */
const reasonMsMax = 1000;

/** Reads from lmdb, and says what is wrong where that fails. */
export function reading<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof KvcError) throw cause;
    if (damageCodes.includes(codeOf(cause)))
      throw damaged(`reading it failed: ${messageOf(cause)}`, {}, cause);
    const message = `the key store cannot be read (${messageOf(cause)}). Check the disk`;
    throw new KvcError('KVC_E_STORE_FAILED', message, {}, { cause });
  }
}

/** Why a transaction, or whatever else is written to the directory, failed. */
export async function writeFailure(dir: string, error: unknown): Promise<KvcError> {
  if (error instanceof KvcError) return error;
  const cause = await reasonOf(error);
  const code = codeOf(cause);
  const isFull = fullCodes.includes(code) || (code === ioErrorCode && !(await hasRoom(dir)));
  if (isFull) return full(dir, cause);
  if (damageCodes.includes(code)) return damaged(`writing it failed: ${messageOf(cause)}`, { dir }, cause);
  const message = `the key store in ${dir} cannot be written (${messageOf(cause)}). Check the disk`;
  return new KvcError('KVC_E_STORE_FAILED', message, { dir }, { cause });
}

/**
 * Fails if the disk has no room for what lmdb could write at once.
 * @throws KvcError KVC_E_DISK_FULL
 */
export async function requireRoom(dir: string): Promise<void> {
  if (!(await hasRoom(dir))) throw full(dir);
}

function full(dir: string, cause?: unknown): KvcError {
  const message = `the disk has no room for the key store in ${dir}. Free some; what was written before is there, and what waits in memory is not lost`;
  return new KvcError('KVC_E_DISK_FULL', message, { dir }, { cause });
}

/** The error for a store that is damaged. */
export function damaged(why: string, facts: ErrorFacts = {}, cause?: unknown): KvcError {
  const message = `the key store is damaged: ${why}. Restore it from a copy, or start afresh: kvc up --fresh`;
  return new KvcError('KVC_E_STORE_CORRUPT', message, facts, { cause });
}

/** lmdb-js gives the reason of a failed commit by a promise of its own, which may come a little later. */
async function reasonOf(error: unknown): Promise<unknown> {
  const reason: unknown =
    error instanceof Error ? (error as { commitError?: unknown }).commitError : undefined;
  if (!(reason instanceof Promise)) return error;
  try {
    await Promise.race([reason, setTimeout(reasonMsMax)]);
  } catch (cause) {
    return cause;
  }
  return error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}

/** Asking how much is free would leave out that a user may have a quota. */
async function hasRoom(dir: string): Promise<boolean> {
  const path = join(dir, 'probe.tmp');
  try {
    const handle = await open(path, 'w', 0o600);
    try {
      await handle.writeFile(Buffer.alloc(probeBytes, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    return !fullCodes.includes(codeOf(error));
  } finally {
    await rm(path, { force: true });
  }
}
