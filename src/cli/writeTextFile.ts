import { lstat, open, rename, rm } from 'node:fs/promises';
import { KvcError, messageOf } from '../errors.js';

const linesPerWrite = 10_000;

/**
 * Writes lines to a file, whatever was in it: all of them, or it stays as it was. What is no plain file, such as a pipe or
 * a link, is written as it is.
 * @param flag - what named the file, for errors
 * @throws KvcError KVC_E_USAGE if it cannot be written
 */
export async function writeTextFile(flag: string, path: string, lines: Iterable<string>): Promise<void> {
  const isReplaced = await mayBeReplaced(path);
  const written = isReplaced ? `${path}.${process.pid}.part` : path;
  try {
    await write(written, lines);
    if (isReplaced) await rename(written, path);
  } catch (error) {
    if (isReplaced) await rm(written, { force: true });
    throw new KvcError(
      'KVC_E_USAGE',
      `${flag}: ${path} cannot be written: ${messageOf(error)}`,
      {},
      { cause: error },
    );
  }
}

async function mayBeReplaced(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats === undefined || (stats.isFile() && stats.nlink === 1);
}

async function write(path: string, lines: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts(lines)) await file.write(part);
  } finally {
    await file.close();
  }
}

function* parts(lines: Iterable<string>): Generator<string> {
  let part: string[] = [];
  for (const line of lines) {
    part.push(`${line}\n`);
    if (part.length < linesPerWrite) continue;
    yield part.join('');
    part = [];
  }
  yield part.join('');
}
