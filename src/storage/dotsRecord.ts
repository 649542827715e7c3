import type { Dot } from '../core/clock/dot.js';
import { dotFields, dotsOf } from '../protocol/recordFields.js';
import { packRecord, unpackRecord, unreadableRecord } from '../protocol/storeRecord.js';

const format = 1;

/** The dots of a request as they are stored. */
export function encodeDots(dots: readonly Dot[]): Buffer {
  return packRecord(format, dotFields(dots));
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT */
export function decodeDots(bytes: Uint8Array): Dot[] {
  return dotsOf(unpackRecord(bytes, format), unreadableRecord);
}
