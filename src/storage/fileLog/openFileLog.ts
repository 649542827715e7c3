import { dirname } from 'node:path';
import { emptyVector, type VersionVector } from '../../core/clock/versionVector.js';
import { KvcError, messageOf } from '../../errors.js';
import type { Files } from '../files.js';
import { realFiles } from '../realFiles.js';
import { ActiveSegment } from './activeSegment.js';
import { createSegment } from './createSegment.js';
import { FileUpdateLog } from './fileUpdateLog.js';
import { indexSegment } from './indexSegment.js';
import { logDamage } from './logDamage.js';
import type { LogPlace } from './logPlace.js';
import { recoverTail } from './recoverTail.js';
import { readSegment, segmentNumberOf, segmentPath, type Segment } from './segment.js';
import { SegmentChain } from './segmentChain.js';
import { decodeSegmentHeader } from './segmentHeader.js';
import { readSealedSegments, toSegment } from './sealedSegments.js';

export interface FileLogOptions {
  /** A log of another cluster is refused. */
  readonly clusterId: string;
  /** Size from which on the next flush begins a new file. Default 8 MiB; smaller means more files and quicker recovery. */
  readonly segmentBytesMax?: number;
  /** Memory for updates that are durable and kept for reading, as peers usually lack the latest. Default 8 MiB. */
  readonly recentBytesMax?: number;
  /** Default the machine's. */
  readonly files?: Files;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

const defaultBytesMax = 8 * 1024 * 1024;

/**
 * Opens the log in `dir`, or creates it. It reads the headers of all segments and the records of the last alone. A flush
 * that a crash interrupted is cut off (`tornBytes` tells how much): nothing in it was acknowledged. Only one process may
 * have the log open: see `lockDataDir`.
 * @throws KvcError KVC_E_LOG_CORRUPT if more than such a flush is damaged, KVC_E_DATA_FOREIGN, KVC_E_FORMAT_UNKNOWN;
 * KVC_E_DISK_FULL if there is no room for a new file; KVC_E_LOG_FAILED if the file system refuses
 */
export async function openFileLog(dir: string, options: FileLogOptions): Promise<FileUpdateLog> {
  const { clusterId, files = realFiles, random = Math.random } = options;
  const place = { dir, clusterId, files, random };
  try {
    const { sealed, active, tornBytes } = await openSegments(place);
    return new FileUpdateLog(new SegmentChain(sealed, active), {
      ...place,
      segmentBytesMax: options.segmentBytesMax ?? defaultBytesMax,
      recentBytesMax: options.recentBytesMax ?? defaultBytesMax,
      tornBytes,
    });
  } catch (cause) {
    if (cause instanceof KvcError) throw cause;
    const message = `the update log in ${dir} cannot be opened (${messageOf(cause)}). Check the directory and its disk`;
    throw new KvcError('KVC_E_LOG_FAILED', message, { dir }, { cause });
  }
}

interface OpenedSegments {
  readonly sealed: Segment[];
  readonly active: ActiveSegment;
  readonly tornBytes: number;
}

async function openSegments(place: LogPlace): Promise<OpenedSegments> {
  const { dir, files } = place;
  await files.mkdir(dir);
  await files.syncDir(dirname(dir));
  const numbers = (await files.list(dir)).map(segmentNumberOf).filter((number) => number !== undefined);
  numbers.sort((left, right) => left - right);
  const lastNumber = numbers.pop();
  const sealed = await readSealedSegments(place, numbers, lastNumber);
  if (lastNumber === undefined) {
    return { sealed, active: await createSegment(place, 1, emptyVector), tornBytes: 0 };
  }
  return openLast(place, sealed, lastNumber);
}

async function openLast(place: LogPlace, sealed: Segment[], number: number): Promise<OpenedSegments> {
  const { dir, files } = place;
  const path = segmentPath(dir, number);
  const content = await files.readFile(path);
  const read = decodeSegmentHeader(content, path);
  if (read === 'torn') {
    // Earlier segments are removed only behind one whose header is durable.
    if (sealed.length === 0 && number > 1) throw logDamage(path, 0, 'its header is not whole');
    await files.remove(path);
    const active = await createSegment(place, number, await endOfSealed(sealed));
    return { sealed, active, tornBytes: content.length };
  }
  const segment = toSegment(read, path, place, sealed.at(-1));
  const tail = recoverTail(content, segment);
  segment.bytes = tail.end;
  const index = indexSegment(content.subarray(0, tail.end), segment);
  const tornBytes = content.length - tail.end;
  await makeDurable(path, tail.end, place);
  if (tail.endsGroup) {
    const file = await files.open(path, 'r+', 'through');
    const active = new ActiveSegment(segment, index, file, tail.group);
    return { sealed, active, tornBytes };
  }
  // Groups are told apart by number: going on behind half a group would make the next torn tail look like damage.
  const active = await createSegment(place, number + 1, index.end());
  return { sealed: [...sealed, segment], active, tornBytes };
}

/** What the log holds at the end of its last sealed segment, all of which was durable before the next was created. */
async function endOfSealed(sealed: readonly Segment[]): Promise<VersionVector> {
  const last = sealed.at(-1);
  return last === undefined ? emptyVector : indexSegment(await readSegment(last), last).end();
}

/**
 * Cuts off what is torn, and flushes what is whole: a process that was killed between writing its last group and flushing
 * it has left records that can be read and are not durable. From here on they count as durable. So it may have left the
 * whole file, if it was killed before it synced the directory.
 */
async function makeDurable(path: string, bytes: number, { files, dir }: LogPlace): Promise<void> {
  const file = await files.open(path, 'r+');
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncDir(dir);
}
