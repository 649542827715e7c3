import { Packr } from 'msgpackr';
import { crc32 } from 'node:zlib';
import { mergeVectors, type VersionVector } from '../../core/clock/versionVector.js';
import { KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import { vectorFields, vectorOf } from '../../protocol/recordFields.js';
import { beyond } from '../logClock.js';
import { logDamage } from './logDamage.js';

/**
 * The head of every segment file: a prefix [magic, u32 format, u32 salt, u32 length of the body, u32 checksum of all
 * that], the body in MessagePack [cluster id, number, vector before, what the start has beyond it], a u32 checksum of the
 * body. Little-endian.
 */
export interface SegmentHeader {
  readonly clusterId: string;
  readonly number: number;
  /** Random, and the seed of every record's checksum: bytes that a client stores can never pass for a record. */
  readonly salt: number;
  /** All that the log held before, at the end of the previous segment. */
  readonly before: VersionVector;
  /** `before`, and beyond it what a jump left out. So headers alone tell which segment holds a dot, and where jumps are. */
  readonly start: VersionVector;
}

const magic = Buffer.from('kvclog\r\n', 'latin1');
const format = 2;

/** As many bytes at the beginning of a segment tell how long its header is. */
export const prefixBytes = 24;

/** A replica id has at most 49 characters; with its counter, and what MessagePack puts before each, it takes less than this. */
const entryBytesMax = 64;

/** More than any header takes: two vectors, neither of which names a replica that never was, and a little beside them. */
const headerBytesMax = 2 * limits.replicasEverMax * entryBytesMax + 4096;

const packr = new Packr({ useRecords: false });

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const { clusterId, number, before, start } = header;
  const body = packr.pack([clusterId, number, vectorFields(before), vectorFields(beyond(before, start))]);
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32LE(format, 8);
  prefix.writeUInt32LE(header.salt, 12);
  prefix.writeUInt32LE(body.length, 16);
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 20)), 20);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32LE(crc32(body));
  return Buffer.concat([prefix, body, trailer]);
}

/** A header and its size in bytes; `torn` if `bytes` end before a header does, as after a crash while it was written. */
export type ReadHeader = { readonly header: SegmentHeader; readonly bytes: number } | 'torn';

/**
 * Reads the header at the beginning of a segment file, whose content `bytes` is, to the header's end at least.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_LOG_CORRUPT
 */
export function decodeSegmentHeader(bytes: Buffer, file: string): ReadHeader {
  const headerBytes = segmentHeaderBytes(bytes, file);
  // Records are written only once the header is durable: a file that ends within its header never held one.
  if (headerBytes === 'torn' || bytes.length < headerBytes) return 'torn';
  return { header: decodeBody(bytes, headerBytes - 4, file), bytes: headerBytes };
}

/**
 * How long the header is of a segment that begins with `bytes`, of which there are `prefixBytes` at least unless it is torn.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_LOG_CORRUPT
 */
export function segmentHeaderBytes(bytes: Buffer, file: string): number | 'torn' {
  if (bytes.length < prefixBytes || isBlank(bytes)) return 'torn';
  if (!bytes.subarray(0, 8).equals(magic))
    throw logDamage(file, 0, 'it does not begin like a segment of the log');
  if (bytes.readUInt32LE(20) !== crc32(bytes.subarray(0, 20))) {
    throw logDamage(file, 0, "the checksum of the segment's header does not match");
  }
  if (bytes.readUInt32LE(8) !== format) throw unknownFormat(file, bytes.readUInt32LE(8));
  return prefixBytes + bytes.readUInt32LE(16) + 4;
}

function decodeBody(bytes: Buffer, bodyEnd: number, file: string): SegmentHeader {
  const refuse = (why: string): KvcError => logDamage(file, prefixBytes, `in the segment's header, ${why}`);
  const body = bytes.subarray(prefixBytes, bodyEnd);
  if (bytes.readUInt32LE(bodyEnd) !== crc32(body)) throw refuse('the checksum does not match');
  const [clusterId, number, beforeFields, leapFields] = fieldsOf(packr.unpack(body));
  if (typeof clusterId !== 'string' || typeof number !== 'number') throw refuse('a field is malformed');
  const before = vectorOf(beforeFields, refuse);
  const leap = vectorOf(leapFields, refuse);
  return { clusterId, number, salt: bytes.readUInt32LE(12), before, start: mergeVectors(before, leap) };
}

function fieldsOf(input: unknown): unknown[] {
  return Array.isArray(input) ? input : [];
}

/** A file system may give a file its length before its content: then a header that was never synced reads as zeros. */
function isBlank(bytes: Buffer): boolean {
  return bytes.length <= headerBytesMax && bytes.every((byte) => byte === 0);
}

function unknownFormat(file: string, found: number): KvcError {
  return new KvcError(
    'KVC_E_FORMAT_UNKNOWN',
    `${file} has format ${found}; this version of kvc reads format ${format}. Use the version that wrote it.`,
    { file, found },
  );
}
