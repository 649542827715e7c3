import type { FileHandle } from 'node:fs/promises';

/** What one of the two meta pages says of the file: the newer one is the last transaction. */
export interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** The pages that nothing uses, by the transaction that let go of them. */
  readonly free: Tree;
  /** The named databases. */
  readonly main: Tree;
}

/** A database: a tree of pages. */
export interface Tree {
  readonly flags: number;
  /** Levels of pages; 0 without any. */
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  readonly root: number;
}

/** A tree as it lies in a meta page or, of a named database, in a record (LMDB's mdb.c, `MDB_db`). */
export const treeBytes = 48;

/** Offsets in a meta page (LMDB's mdb.c, `MDB_page_header` and `MDB_meta`, 64-bit). */
const pageFlagsOffset = 18;
const magicOffset = 24;
const versionOffset = 28;
const freeOffset = 48;
const mainOffset = 96;
const lastPageOffset = 144;
const transactionOffset = 152;
const metaBytes = 160;

const metaFlag = 8;
const magic = 0xbeefc0de;
const version = 2;
/** The keys of the free tree are numbers. It also bears the flags of the whole file, of which there are none. */
const freeFlags = 8;
const pageBytesMin = 256;
const pageBytesMax = 65_536;

/** Undefined if lmdb could not open the file: then it would end the process with a signal. */
export async function readMeta(file: FileHandle): Promise<Meta | undefined> {
  const first = await metaAt(file, 0);
  if (first === undefined) return undefined;
  const second = await metaAt(file, first.pageBytes);
  if (second?.pageBytes !== first.pageBytes) return undefined;
  // Transactions take turns with the two pages; one that was never used says 0.
  const isInTurn =
    first.transaction % 2n === 0n && (second.transaction % 2n === 1n || second.transaction === 0n);
  if (!isInTurn) return undefined;
  return second.transaction > first.transaction ? second : first;
}

async function metaAt(file: FileHandle, position: number): Promise<Meta | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(metaBytes), 0, metaBytes, position);
  if (bytesRead < metaBytes || !isMeta(buffer)) return undefined;
  return {
    // The field of the free tree that a tree of equal keys would use holds the size of a page.
    pageBytes: buffer.readUInt32LE(freeOffset),
    lastPage: Number(buffer.readBigUInt64LE(lastPageOffset)),
    transaction: buffer.readBigUInt64LE(transactionOffset),
    free: readTree(buffer, freeOffset),
    main: readTree(buffer, mainOffset),
  };
}

function isMeta(page: Buffer): boolean {
  const pageBytes = page.readUInt32LE(freeOffset);
  const isPowerOfTwo = (pageBytes & (pageBytes - 1)) === 0;
  return (
    page.readUInt16LE(pageFlagsOffset) === metaFlag &&
    page.readUInt32LE(magicOffset) === magic &&
    page.readUInt16LE(versionOffset) === version &&
    readTree(page, freeOffset).flags === freeFlags &&
    isPowerOfTwo &&
    pageBytes >= pageBytesMin &&
    pageBytes <= pageBytesMax
  );
}

export function readTree(bytes: Buffer, offset: number): Tree {
  const number = (at: number): number => Number(bytes.readBigUInt64LE(offset + at));
  return {
    flags: bytes.readUInt16LE(offset + 4),
    depth: bytes.readUInt16LE(offset + 6),
    branchPages: number(8),
    leafPages: number(16),
    overflowPages: number(24),
    entries: number(32),
    root: number(40),
  };
}
