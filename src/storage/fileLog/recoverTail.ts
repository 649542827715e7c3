import { logDamage } from './logDamage.js';
import { frameHeadBytes, readFrame } from './recordFrame.js';
import type { Segment } from './segment.js';

export interface Tail {
  /** Where the whole records end. */
  readonly end: number;
  /** The flush group of the last of them; 0 if there are none. */
  readonly group: number;
  /** False if the records end in the middle of a flush group. */
  readonly endsGroup: boolean;
}

/**
 * Finds where the last segment's whole records end. At most one flush is under way at a time, so a crash can tear the last
 * group only: if a later group has left a whole record behind the first damage, that damage is in a group that was once
 * durable, and cutting it off would lose acknowledged updates.
 * @throws KvcError KVC_E_LOG_CORRUPT naming file and offset
 */
export function recoverTail(bytes: Buffer, segment: Segment): Tail {
  let end = segment.headerBytes;
  let group = 0;
  let endsGroup = true;
  for (let frame = readFrame(bytes, end, segment.salt); frame; frame = readFrame(bytes, end, segment.salt)) {
    ({ end, group, endsGroup } = frame);
  }
  const tornGroup = endsGroup ? group + 1 : group;
  const later = findLaterGroup(bytes, end, segment.salt, tornGroup);
  if (later === undefined) return { end, group, endsGroup };
  throw logDamage(
    segment.path,
    end,
    `no valid record stands here, but one of a later flush does at byte ${later}`,
  );
}

/**
 * The offset of a whole record of a group later than `tornGroup`, searched at every byte from `from`, since a damaged
 * length hides where the next record begins. Groups beyond what the bytes could hold are not worth a checksum.
 */
function findLaterGroup(bytes: Buffer, from: number, salt: number, tornGroup: number): number | undefined {
  const groupMax = tornGroup + Math.ceil((bytes.length - from) / frameHeadBytes);
  for (let offset = from + 1; offset + frameHeadBytes < bytes.length; offset += 1) {
    const group = bytes.readUInt32LE(offset + 8) >>> 1;
    if (group <= tornGroup || group > groupMax) continue;
    if (readFrame(bytes, offset, salt) !== undefined) return offset;
  }
  return undefined;
}
