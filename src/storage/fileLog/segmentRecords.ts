import {
  compareVectors,
  counterOf,
  formatVector,
  type VersionVector,
} from '../../core/clock/versionVector.js';
import { formatDot } from '../../core/clock/dot.js';
import type { ReplicaId } from '../../core/ids.js';
import type { Update } from '../../core/update.js';
import { hasCode, messageOf } from '../../errors.js';
import { decodeUpdateRecord } from '../../protocol/updateRecord.js';
import { logDamage } from './logDamage.js';
import { readFrame, type Frame } from './recordFrame.js';
import type { Segment } from './segment.js';

export interface SegmentRecord {
  readonly update: Update;
  readonly frame: Frame;
}

/**
 * The records of a segment in order, every one checked: its checksum, its content, and that it follows the previous one of
 * its origin. `bytes` is the durable content of the file, header included.
 * @param end What the log holds at the end of the segment, where that is known: records missing there show by it alone.
 * @throws KvcError KVC_E_LOG_CORRUPT naming file and offset, KVC_E_FORMAT_UNKNOWN
 */
export function* segmentRecords(
  bytes: Buffer,
  segment: Segment,
  end?: VersionVector,
): Generator<SegmentRecord> {
  const reached = new Map<ReplicaId, number>(segment.start);
  let offset = segment.headerBytes;
  while (offset < bytes.length) {
    const frame = readFrame(bytes, offset, segment.salt);
    if (frame === undefined) throw logDamage(segment.path, offset, 'the checksum of a record does not match');
    const update = decode(frame, segment);
    const { replica, counter } = update.dot;
    const expected = counterOf(reached, replica) + 1;
    if (counter !== expected) {
      throw logDamage(
        segment.path,
        offset,
        `${formatDot(update.dot)} stands where ${replica}:${expected} belongs`,
      );
    }
    reached.set(replica, counter);
    yield { update, frame };
    offset = frame.end;
  }
  if (end !== undefined && compareVectors(reached, end) !== 'equal') {
    const why = `it ends at ${formatVector(reached)}, but the next segment begins at ${formatVector(end)}`;
    throw logDamage(segment.path, offset, why);
  }
}

function decode(frame: Frame, segment: Segment): Update {
  try {
    return decodeUpdateRecord(frame.record);
  } catch (error) {
    if (hasCode(error, 'KVC_E_FORMAT_UNKNOWN')) throw error;
    throw logDamage(segment.path, frame.recordOffset, messageOf(error), error);
  }
}
