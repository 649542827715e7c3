import { basename } from 'node:path';
import { covers } from '../../core/clock/versionVector.js';
import { KvcError } from '../../errors.js';
import type { OpenedFile } from '../files.js';
import { logDamage } from './logDamage.js';
import type { LogPlace } from './logPlace.js';
import { segmentNumberOf, segmentPath, type Segment } from './segment.js';
import { decodeSegmentHeader, prefixBytes, segmentHeaderBytes, type ReadHeader } from './segmentHeader.js';

/**
 * Reads the headers of the segments `numbers`, which all come before segment `lastNumber`. The first may have any number, for
 * truncation takes segments from the beginning.
 * @throws KvcError KVC_E_LOG_CORRUPT if one between them is missing or damaged, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN
 */
export async function readSealedSegments(
  place: LogPlace,
  numbers: readonly number[],
  lastNumber: number | undefined,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const [position, number] of numbers.entries()) {
    const next = numbers[position + 1] ?? lastNumber;
    if (next !== number + 1) throw logDamage(segmentPath(place.dir, number + 1), 0, 'the file is missing');
    segments.push(await readSealedSegment(place, number, segments.at(-1)));
  }
  return segments;
}

async function readSealedSegment(place: LogPlace, number: number, previous?: Segment): Promise<Segment> {
  const path = segmentPath(place.dir, number);
  const file = await place.files.open(path, 'r');
  try {
    const bytes = await file.size();
    const headerBytes = segmentHeaderBytes(await beginningOf(file, prefixBytes), path);
    const read =
      headerBytes === 'torn' ? headerBytes : decodeSegmentHeader(await beginningOf(file, headerBytes), path);
    if (read === 'torn') throw logDamage(path, 0, 'its header is not whole, yet another segment follows');
    return { ...toSegment(read, path, place, previous), bytes };
  } finally {
    await file.close();
  }
}

async function beginningOf(file: OpenedFile, bytes: number): Promise<Buffer> {
  const target = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(target, 0);
  return target.subarray(0, bytesRead);
}

/** The segment at `path`, as yet without records, if its header fits into this log behind `previous`. */
export function toSegment(
  read: Exclude<ReadHeader, 'torn'>,
  path: string,
  { clusterId, files }: LogPlace,
  previous?: Segment,
): Segment {
  const { header, bytes } = read;
  if (header.clusterId !== clusterId) throw foreign(path, clusterId, header.clusterId);
  if (segmentNumberOf(basename(path)) !== header.number) {
    throw logDamage(path, 0, `it is segment ${header.number} of the log, under another name`);
  }
  if (previous !== undefined && !covers(header.before, previous.start)) {
    throw logDamage(path, 0, 'it begins before the previous segment');
  }
  return { ...header, files, path, headerBytes: bytes, bytes, isDropped: false };
}

function foreign(path: string, clusterId: string, found: string): KvcError {
  return new KvcError(
    'KVC_E_DATA_FOREIGN',
    `${path} belongs to cluster ${found}, not to ${clusterId}. Move the data to where it belongs, or start afresh: kvc up --fresh`,
    { path, clusterId, found },
  );
}
