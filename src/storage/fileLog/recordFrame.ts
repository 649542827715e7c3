import { checksumOf } from '../checksumOf.js';

/** u32 length of the record, u32 checksum of all that follows, u32 flush group times 2 plus 1 if the group ends here. */
export const frameHeadBytes = 12;

/** No update within the limits comes near it; it keeps a damaged length from looking plausible. */
const recordBytesMax = 16 * 1024 * 1024;

/** A record in its place in a segment. */
export interface Frame {
  readonly record: Buffer;
  /** Where the record begins in `bytes`. */
  readonly recordOffset: number;
  /** Records that were made durable by one flush share its number: 1 for a segment's first, then rising by one. */
  readonly group: number;
  /** True for the last record of its group: everything up to here was written whole. */
  readonly endsGroup: boolean;
  /** Where the next frame begins. */
  readonly end: number;
}

/** Frames the records of one flush group as they go to disk, in one piece. */
export function encodeGroup(records: readonly Uint8Array[], group: number, salt: number): Buffer {
  const bytes = records.reduce((sum, record) => sum + frameHeadBytes + record.length, 0);
  const target = Buffer.allocUnsafe(bytes);
  let offset = 0;
  records.forEach((record, index) => {
    const end = offset + frameHeadBytes + record.length;
    target.writeUInt32LE(record.length, offset);
    target.writeUInt32LE(group * 2 + (index === records.length - 1 ? 1 : 0), offset + 8);
    target.set(record, offset + frameHeadBytes);
    target.writeUInt32LE(checksumOf(target, offset + 8, end, salt), offset + 4);
    offset = end;
  });
  return target;
}

/** The frame that begins at `offset`; undefined if there is no whole and undamaged one. */
export function readFrame(bytes: Buffer, offset: number, salt: number): Frame | undefined {
  const recordOffset = offset + frameHeadBytes;
  if (recordOffset >= bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  const end = recordOffset + length;
  if (length === 0 || length > recordBytesMax || end > bytes.length) return undefined;
  if (checksumOf(bytes, offset + 8, end, salt) !== bytes.readUInt32LE(offset + 4)) return undefined;
  const group = bytes.readUInt32LE(offset + 8);
  return {
    record: bytes.subarray(recordOffset, end),
    recordOffset,
    group: group >>> 1,
    endsGroup: (group & 1) === 1,
    end,
  };
}
