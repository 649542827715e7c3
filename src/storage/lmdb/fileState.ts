import { open, type FileHandle } from 'node:fs/promises';

/**
 * Whether lmdb may open a file. It maps the file into memory and believes it, so a foreign or truncated one would not fail
 * but end the process with a signal. `whole` says that both meta pages are lmdb's and that the file is as long as the newer
 * one claims; damage inside the other pages shows in reads.
 */
export type LmdbFileState = 'absent' | 'whole' | 'damaged';

/** Offsets in a meta page (LMDB's lmdb.h and mdb.c, `MDB_page` and `MDB_meta`, 64-bit). */
const magicOffset = 24;
const pageSizeOffset = 48;
const lastPageOffset = 144;
const transactionOffset = 152;
const metaBytes = 160;
const magic = 0xbeefc0de;
const pageBytesMax = 65_536;

export async function lmdbFileState(path: string): Promise<LmdbFileState> {
  const handle = await openIfThere(path);
  if (handle === undefined) return 'absent';
  try {
    const { size } = await handle.stat();
    if (size === 0) return 'absent';
    return size >= (await claimedBytes(handle)) ? 'whole' : 'damaged';
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** How long the file must be at least; infinite if it is not lmdb's. */
async function claimedBytes(handle: FileHandle): Promise<number> {
  const first = await metaAt(handle, 0);
  const pageBytes = first?.readUInt32LE(pageSizeOffset) ?? 0;
  if (first === undefined || pageBytes < metaBytes || pageBytes > pageBytesMax) return Infinity;
  const second = await metaAt(handle, pageBytes);
  if (second === undefined) return Infinity;
  const transaction = (meta: Buffer): bigint => meta.readBigUInt64LE(transactionOffset);
  const newer = transaction(second) > transaction(first) ? second : first;
  return (Number(newer.readBigUInt64LE(lastPageOffset)) + 1) * pageBytes;
}

async function metaAt(handle: FileHandle, position: number): Promise<Buffer | undefined> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(metaBytes), 0, metaBytes, position);
  return bytesRead === metaBytes && buffer.readUInt32LE(magicOffset) === magic ? buffer : undefined;
}
