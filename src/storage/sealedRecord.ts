import { unreadableRecord } from '../protocol/storeRecord.js';
import { checksumOf } from './checksumOf.js';

const checksumBytes = 4;

/**
 * A record as it lies in the file: the content, then the u32 checksum of key and content. lmdb has no checksums, so without
 * one a damaged value would be served, and a damaged key would give its value to another one.
 */
export function sealRecord(key: Uint8Array, content: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(content.length + checksumBytes);
  record.set(content);
  record.writeUInt32LE(checksumOfEntry(key, content), content.length);
  return record;
}

/**
 * The content of a record. It shares the record's memory.
 * @throws KvcError KVC_E_STORE_CORRUPT
 */
export function openRecord(key: Uint8Array, record: Buffer): Buffer {
  const contentBytes = record.length - checksumBytes;
  if (contentBytes < 0) throw unreadableRecord('it is too short');
  const content = record.subarray(0, contentBytes);
  if (checksumOfEntry(key, content) !== record.readUInt32LE(contentBytes)) {
    throw unreadableRecord('its checksum does not match');
  }
  return content;
}

/** Whether a key and its record, one behind the other in a part of some bytes, are as they were written. */
export function isSealedEntry(bytes: Buffer, start: number, end: number): boolean {
  const checkedEnd = end - checksumBytes;
  return checkedEnd >= start && checksumOf(bytes, start, checkedEnd) === bytes.readUInt32LE(checkedEnd);
}

function checksumOfEntry(key: Uint8Array, content: Uint8Array): number {
  return checksumOf(content, 0, content.length, checksumOf(key, 0, key.length));
}
