import { emptyVector, mergeVectors, type VersionVector } from '../../core/clock/versionVector.js';
import type { Files, OpenedFile } from '../files.js';
import { ActiveSegment } from './activeSegment.js';
import { rethrowFull } from './diskFull.js';
import type { LogPlace } from './logPlace.js';
import { segmentPath } from './segment.js';
import { encodeSegmentHeader } from './segmentHeader.js';
import { SegmentIndex } from './segmentIndex.js';
import { writeFully } from '../writeFully.js';

/**
 * Creates a segment whose header is durable, and so is its name, before it can take a record.
 * @param before What the log holds so far.
 * @param leap What it jumps to, beyond that.
 * @throws KvcError KVC_E_DISK_FULL if there is no room: then there is no such file
 */
export async function createSegment(
  { dir, clusterId, files, random }: LogPlace,
  number: number,
  before: VersionVector,
  leap: VersionVector = emptyVector,
): Promise<ActiveSegment> {
  const start = mergeVectors(before, leap);
  const header = { clusterId, number, salt: Math.floor(random() * 2 ** 32), before, start };
  const bytes = encodeSegmentHeader(header);
  const path = segmentPath(dir, number);
  const file = await files.open(path, 'wx', 'through').catch(rethrowFull(path));
  try {
    await writeFully(file, bytes, 0).catch(rethrowFull(path));
    await file.sync();
    await files.syncDir(dir);
  } catch (error) {
    await discard(file, files, dir, path);
    throw error;
  }
  const segment = {
    ...header,
    files,
    path,
    headerBytes: bytes.length,
    bytes: bytes.length,
    isDropped: false,
  };
  return new ActiveSegment(segment, new SegmentIndex(start), file, 0);
}

/** Durably: the previous segment may go on growing, and then this one, come back after a crash, would not fit behind it. */
async function discard(file: OpenedFile, files: Files, dir: string, path: string): Promise<void> {
  await file.close();
  await files.remove(path);
  await files.syncDir(dir);
}
