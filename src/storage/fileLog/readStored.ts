import { crc32 } from 'node:zlib';
import { sameDot, type Dot } from '../../core/clock/dot.js';
import type { ReplicaId } from '../../core/ids.js';
import type { Update } from '../../core/update.js';
import { KvcError } from '../../errors.js';
import { decodeUpdateRecord } from '../../protocol/updateRecord.js';
import { logDamage } from './logDamage.js';
import { readSpan, type Segment } from './segment.js';
import type { SegmentChain } from './segmentChain.js';
import type { RecordPlace, SegmentIndex } from './segmentIndex.js';

export interface StoredUpdate {
  readonly update: Update;
  /** Bytes of its record. */
  readonly length: number;
}

/** What one read of a file takes at most, unless one record alone is larger. Between the records wanted stand others. */
const spanBytesMax = 1024 * 1024;

/**
 * Reads the origin's updates from `first` on from disk: at least that one, at most up to `last`, `bytesMax` bytes of
 * records, and the end of the segment. `first` must be durable.
 * @throws KvcError KVC_E_LOG_TRUNCATED if the segment is dropped meanwhile, KVC_E_LOG_CORRUPT
 */
export async function readStored(
  chain: SegmentChain,
  origin: ReplicaId,
  range: { readonly first: number; readonly last: number; readonly bytesMax: number },
): Promise<StoredUpdate[]> {
  const dot = { replica: origin, counter: range.first };
  const segment = chain.holding(dot);
  const index = segment && (await chain.index(segment));
  const from = index?.find(dot)?.offset;
  if (segment === undefined || index === undefined || from === undefined) {
    throw new KvcError('KVC_E_INTERNAL', `the log holds ${origin}:${range.first}, but no segment does`);
  }
  const places = consecutivePlaces(index, dot, range);
  const end = places.reduce((_, { offset, length }) => offset + length, from);
  const bytes = await readSpan(segment, from, end);
  return places.map((place, position) => {
    const record = bytes.subarray(place.offset - from, place.offset - from + place.length);
    const expected = { replica: origin, counter: range.first + position };
    return { update: decodeAt(segment, place, record, expected), length: place.length };
  });
}

function consecutivePlaces(
  index: SegmentIndex,
  { replica, counter: first }: Dot,
  { last, bytesMax }: { readonly last: number; readonly bytesMax: number },
): RecordPlace[] {
  const places: RecordPlace[] = [];
  let bytes = 0;
  for (let counter = first; counter <= last; counter += 1) {
    const place = index.find({ replica, counter });
    if (place === undefined) break;
    bytes += place.length;
    const span = place.offset + place.length - (places[0] ?? place).offset;
    if (places.length > 0 && (bytes > bytesMax || span > spanBytesMax)) break;
    places.push(place);
  }
  return places;
}

function decodeAt(segment: Segment, place: RecordPlace, record: Buffer, expected: Dot): Update {
  const why = 'the checksum of a record does not match';
  if (crc32(record) !== place.checksum) throw logDamage(segment.path, place.offset, why);
  const update = decodeUpdateRecord(record);
  if (!sameDot(update.dot, expected))
    throw logDamage(segment.path, place.offset, 'another update stands here');
  return update;
}
