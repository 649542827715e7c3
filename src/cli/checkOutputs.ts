import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { KvcError } from '../errors.js';
import { standardInput } from './openHistory.js';

/** A file that a flag names for output; undefined where the flag was not given. */
type Output = readonly [flag: string, path: string | undefined];

/**
 * Refuses outputs that could only fail, or would destroy something, before any work is done: each must be a file in a
 * folder that there is, and neither the history that is read, by whatever name, nor another output.
 * @throws KvcError KVC_E_USAGE
 */
export async function checkOutputs(outputs: readonly Output[], input: string): Promise<void> {
  const taken = new Map<string, string>();
  if (input !== standardInput) taken.set(await identityOf(input), `${input}, the history that is checked`);
  for (const [flag, path] of outputs) {
    if (path === undefined) continue;
    await checkPlace(flag, path);
    const identity = await identityOf(path);
    const other = taken.get(identity);
    if (other !== undefined) throw new KvcError('KVC_E_USAGE', `${flag} would overwrite ${other}`);
    taken.set(identity, `what ${flag} writes`);
  }
}

async function checkPlace(flag: string, path: string): Promise<void> {
  if (path === '') throw new KvcError('KVC_E_USAGE', `${flag} needs the name of a file`);
  if (path === standardInput)
    throw new KvcError('KVC_E_USAGE', `${flag} takes a file; standard output has the verdict`);
  if (await isDirectory(path))
    throw new KvcError('KVC_E_USAGE', `${flag}: ${path} is a directory; name a file`);
  const folder = dirname(path);
  if (!(await isDirectory(folder)))
    throw new KvcError('KVC_E_USAGE', `${flag}: ${path} cannot be written: there is no folder ${folder}`);
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

/** The same for all names of one file, links among them. */
async function identityOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? resolve(path) : `${stats.dev} ${stats.ino}`;
}
