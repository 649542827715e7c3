import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { damaged } from './lmdbFailure.js';
import { readMeta, readTree, treeBytes, type Meta, type Tree } from './metaPage.js';
import { FileDamage, PageFile } from './pageFile.js';
import { TreeWalk } from './treeWalk.js';

/** How an lmdb file uses its pages. */
export interface PageUse {
  readonly pageBytes: number;
  readonly usedPages: number;
}

/**
 * Whether an entry of a named database is as it was written. From `start` to `end` there are the bytes of its key and, behind
 * them, its record.
 */
export type IsIntact = (bytes: Buffer, start: number, end: number) => boolean;

/** How many pages are looked at before other work gets its turn. */
const pagesPerTurn = 500;

const readAheadBytes = 4 * 1024 * 1024;

/** An entry of the main tree that is the root of a named database. */
const treeFlag = 2;

/**
 * Looks at all of an lmdb file before lmdb does. lmdb maps it into memory and believes it: of a foreign, cut or damaged one
 * it would not report a failure but end the process with a signal, or give what is not there. It takes less than a second
 * for a million keys.
 * @returns undefined if there is no file, or an empty one
 * @throws KvcError KVC_E_STORE_CORRUPT, or what `isIntact` throws
 */
export async function checkFile(path: string, isIntact: IsIntact): Promise<PageUse | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size === 0) return undefined;
    const meta = await readMeta(file);
    if (meta === undefined) throw new FileDamage('it is cut short or no file of lmdb');
    await readAhead(file);
    const pages = new PageFile(file.fd, meta, size);
    const steps = checkTrees(pages, meta, isIntact);
    for (let count = 1; steps.next().done !== true; count += 1) {
      if (count % pagesPerTurn === 0) await setImmediate();
    }
    return { pageBytes: meta.pageBytes, usedPages: pages.usedPages };
  } catch (error) {
    if (error instanceof FileDamage) throw damaged(`${path}: ${error.message}`, { file: path });
    throw error;
  } finally {
    await file.close();
  }
}

/** One page at each step. */
function* checkTrees(pages: PageFile, meta: Meta, isIntact: IsIntact): Generator<undefined, void> {
  const databases: [string, Tree][] = [];
  const inOrder = true;
  const main = new TreeWalk(pages, meta.main, inOrder, (bytes, start, end, keyBytes, flags) => {
    const entry = bytes.subarray(start, end);
    if (flags !== treeFlag || entry.length !== keyBytes + treeBytes)
      throw new FileDamage('a database is malformed');
    databases.push([entry.toString('utf8', 0, keyBytes), readTree(entry, keyBytes)]);
  });
  yield* main.run();
  for (const [name, tree] of databases) {
    const records = new TreeWalk(pages, tree, inOrder, (bytes, start, end) => {
      if (!isIntact(bytes, start, end))
        throw new FileDamage(`a record in ${name} does not match its checksum`);
    });
    yield* records.run();
  }
  const free: number[] = [];
  let lastFreedBy = 0n;
  // Its keys are numbers, whose order is another one than that of their bytes.
  const lists = new TreeWalk(pages, meta.free, !inOrder, (bytes, start, end, keyBytes) => {
    const entry = bytes.subarray(start, end);
    const freedBy = keyBytes === 8 ? entry.readBigUInt64LE() : 0n;
    if (freedBy <= lastFreedBy || freedBy > meta.transaction) throw new FileDamage(malformedFree);
    lastFreedBy = freedBy;
    collectFree(entry.subarray(keyBytes), pages.lastPage, free);
  });
  yield* lists.run();
  for (const number of free) pages.free(number);
}

const malformedFree = 'a list of free pages is malformed';

/**
 * The pages of a list of free ones: their count, then for each its number, or for several that follow each other their
 * count below zero and the number of the first. Zeros are gaps.
 */
function collectFree(list: Buffer, lastPage: number, free: number[]): void {
  const words = list.length >>> 3;
  const wordAt = (index: number): number => (index < words ? Number(list.readBigInt64LE(index * 8)) : NaN);
  const count = wordAt(0);
  for (let index = 1; index <= count; index += 1) {
    const word = wordAt(index);
    if (word === 0) continue;
    const pages = word < 0 ? -word : 1;
    if (word < 0) index += 1;
    const first = word < 0 ? wordAt(index) : word;
    if (!(first > 1 && first + pages <= lastPage + 1)) throw new FileDamage(malformedFree);
    for (let number = first; number < first + pages; number += 1) free.push(number);
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    // lmdb has to be able to write to it.
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Has the system read the file in one go: the walk through its trees would have it read page by page. */
async function readAhead(file: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(readAheadBytes);
  let bytesRead: number;
  let position = 0;
  do {
    ({ bytesRead } = await file.read(buffer, 0, buffer.length, position));
    position += bytesRead;
  } while (bytesRead > 0);
}
