import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { emptyVector, mergeVectors, type VersionVector } from '../../core/clock/versionVector.js';
import { syncDir } from '../durableFile.js';
import { ActiveSegment } from './activeSegment.js';
import { rethrowFull } from './diskFull.js';
import type { LogFile, LogPlace } from './logFile.js';
import { segmentPath } from './segment.js';
import { encodeSegmentHeader } from './segmentHeader.js';
import { SegmentIndex } from './segmentIndex.js';
import { writeFully } from './writeFully.js';

/**
 * Creates a segment whose header is durable, and so is its name, before it can take a record.
 * @param before What the log holds so far.
 * @param leap What it jumps to, beyond that.
 * @throws KvcError KVC_E_DISK_FULL if there is no room: then there is no such file
 */
export async function createSegment(
  { dir, clusterId, openFile }: LogPlace,
  number: number,
  before: VersionVector,
  leap: VersionVector = emptyVector,
): Promise<ActiveSegment> {
  const start = mergeVectors(before, leap);
  const header = { clusterId, number, salt: randomBytes(4).readUInt32LE(), before, start };
  const bytes = encodeSegmentHeader(header);
  const path = segmentPath(dir, number);
  const file = await openFile(path, 'wx', 0o600).catch(rethrowFull(path));
  try {
    await writeFully(file, bytes, 0).catch(rethrowFull(path));
    await file.sync();
    await syncDir(dir);
  } catch (error) {
    await discard(file, dir, path);
    throw error;
  }
  const segment = { ...header, path, headerBytes: bytes.length, bytes: bytes.length, isDropped: false };
  return new ActiveSegment(segment, new SegmentIndex(start), file, 0);
}

/** Durably: the previous segment may go on growing, and then this one, come back after a crash, would not fit behind it. */
async function discard(file: LogFile, dir: string, path: string): Promise<void> {
  await file.close();
  await unlink(path);
  await syncDir(dir);
}
