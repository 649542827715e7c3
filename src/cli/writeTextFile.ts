import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KvcError, messageOf } from '../errors.js';
import { standardInput } from './openHistory.js';

const linesPerWrite = 10_000;

/**
 * Writes lines to a file, whatever was in it.
 * @param flag - what named the file, for errors
 * @throws KvcError KVC_E_USAGE if it cannot be written
 */
export async function writeTextFile(flag: string, path: string, lines: Iterable<string>): Promise<void> {
  try {
    const file = await open(path, 'w');
    try {
      for (const part of parts(lines)) await file.write(part);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new KvcError(
      'KVC_E_USAGE',
      `${flag}: ${path} cannot be written: ${messageOf(error)}`,
      {},
      { cause: error },
    );
  }
}

/** A file that is written must be one, and not the one that is read. */
export function checkOutput(flag: string, path: string | undefined, input: string): void {
  if (path === undefined) return;
  if (path === standardInput)
    throw new KvcError('KVC_E_USAGE', `${flag} takes a file; standard output has the verdict`);
  if (input === standardInput || resolve(path) !== resolve(input)) return;
  throw new KvcError('KVC_E_USAGE', `${flag} would overwrite ${input}, the history that is checked`);
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
