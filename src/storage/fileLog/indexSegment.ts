import { crc32 } from 'node:zlib';
import type { VersionVector } from '../../core/clock/versionVector.js';
import type { Segment } from './segment.js';
import { SegmentIndex } from './segmentIndex.js';
import { segmentRecords } from './segmentRecords.js';

/**
 * Indexes a segment by reading all its records. `bytes` and `end` are those of `segmentRecords`, as are the errors.
 */
export function indexSegment(bytes: Buffer, segment: Segment, end?: VersionVector): SegmentIndex {
  const index = new SegmentIndex(segment.start);
  for (const { update, frame } of segmentRecords(bytes, segment, end)) {
    const { record, recordOffset: offset } = frame;
    index.add(update.dot.replica, { offset, length: record.length, checksum: crc32(record) });
  }
  return index;
}
