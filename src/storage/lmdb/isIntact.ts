import { unknownRecord } from '../../protocol/storeRecord.js';
import { checkpointFormat } from '../checkpointRecord.js';
import { isSealedEntry } from '../sealedRecord.js';
import { checkpointKey } from './environment.js';

/** How the checkpoint's record begins in the first format, which had no checksums: an array of five whose first is 1. */
const firstFormat = Buffer.concat([checkpointKey, Buffer.from([0x95, 1])]);

/**
 * Whether an entry of the store's files, from `start` to `end` in some bytes, is as it was written.
 * @throws KvcError KVC_E_FORMAT_UNKNOWN for the checkpoint of a version without checksums
 */
export function isIntact(bytes: Buffer, start: number, end: number): boolean {
  if (isSealedEntry(bytes, start, end)) return true;
  if (bytes.subarray(start, Math.min(start + firstFormat.length, end)).equals(firstFormat))
    throw unknownRecord(1, checkpointFormat);
  return false;
}
