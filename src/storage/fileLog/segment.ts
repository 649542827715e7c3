import { join } from 'node:path';
import { KvcError, messageOf } from '../../errors.js';
import type { Files } from '../files.js';
import { logDamage } from './logDamage.js';
import type { SegmentHeader } from './segmentHeader.js';

/** One file of the log. All but the last are sealed: they never change again. */
export interface Segment extends SegmentHeader {
  readonly files: Files;
  readonly path: string;
  readonly headerBytes: number;
  /** How much of the file is the log's and durable. */
  bytes: number;
  /** True once it is no longer part of the log, and its file may be gone. */
  isDropped: boolean;
}

export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, '0')}.log`);
}

/** Undefined for a file that is no segment. */
export function segmentNumberOf(fileName: string): number | undefined {
  const match = /^(\d{8,})\.log$/.exec(fileName);
  return match === null ? undefined : Number(match[1]);
}

/** The first `bytes` of a segment, by default all that is durable. A file that is shorter is damaged. */
export async function readSegment(segment: Segment, bytes = segment.bytes): Promise<Buffer> {
  return beginning(segment, await segment.files.readFile(segment.path).catch(unreadable(segment)), bytes);
}

export function readSegmentSync(segment: Segment): Buffer {
  try {
    return beginning(segment, segment.files.readFileSync(segment.path), segment.bytes);
  } catch (error) {
    return unreadable(segment)(error);
  }
}

/** The bytes from `offset` to `end`. */
export async function readSpan(segment: Segment, offset: number, end: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(end - offset);
  const file = await segment.files.open(segment.path, 'r').catch(unreadable(segment));
  try {
    const { bytesRead } = await file.read(target, offset).catch(unreadable(segment));
    if (bytesRead < target.length)
      throw logDamage(segment.path, offset + bytesRead, 'the file ends too early');
  } finally {
    await file.close();
  }
  return target;
}

function beginning(segment: Segment, content: Buffer, bytes: number): Buffer {
  if (content.length < bytes) throw logDamage(segment.path, content.length, 'the file ends too early');
  return content.subarray(0, bytes);
}

function unreadable(segment: Segment): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof KvcError) throw cause;
    if (segment.isDropped) {
      const why = `${segment.path} was truncated from the log while it was read`;
      throw new KvcError('KVC_E_LOG_TRUNCATED', why, { file: segment.path }, { cause });
    }
    const why = `it cannot be read (${messageOf(cause)})`;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw logDamage(segment.path, 0, why, cause);
    // A system that refuses now, for want of descriptors or memory, need not refuse the next time: nothing is damaged.
    throw new KvcError('KVC_E_LOG_FAILED', `${segment.path}: ${why}`, { file: segment.path }, { cause });
  };
}
