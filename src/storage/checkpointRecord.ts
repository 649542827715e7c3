import { Packr } from 'msgpackr';
import { emptyVector } from '../core/clock/versionVector.js';
import { KvcError } from '../errors.js';
import type { Checkpoint } from './keyStore.js';
import { memberFields, membersOf } from './memberFields.js';
import { vectorFields, vectorOfFields } from './vectorFields.js';

const format = 2;
const packr = new Packr({ useRecords: false });

/** What a store holds before its first checkpoint. */
export const emptyCheckpoint: Checkpoint = {
  clock: emptyVector,
  timestamp: 0,
  liveKeys: 0,
  conflictedKeys: 0,
  members: [],
};

/** A MessagePack array [format, clock, timestamp, live keys, conflicted keys, members]. */
export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  const { clock, timestamp, liveKeys, conflictedKeys, members } = checkpoint;
  const fields = [vectorFields(clock), timestamp, liveKeys, conflictedKeys, members.map(memberFields)];
  return packr.pack([format, ...fields]);
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_FAILED */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const fields: unknown = packr.unpack(bytes);
  if (!Array.isArray(fields)) throw unreadable();
  const [found, clockFields, timestamp, liveKeys, conflictedKeys, memberList] = fields as unknown[];
  if (found !== format) {
    const message = `the key store has format ${String(found)}; this version of kvc reads format ${format}. Use the version that wrote it.`;
    throw new KvcError('KVC_E_FORMAT_UNKNOWN', message, { found });
  }
  const clock = vectorOfFields(clockFields);
  if (clock === undefined || !isCount(timestamp) || !isCount(liveKeys) || !isCount(conflictedKeys))
    throw unreadable();
  const members = membersOf(memberList);
  if (members === undefined) throw unreadable();
  return { clock, timestamp, liveKeys, conflictedKeys, members };
}

function isCount(input: unknown): input is number {
  return typeof input === 'number' && Number.isSafeInteger(input) && input >= 0;
}

function unreadable(): KvcError {
  const message =
    "the key store's checkpoint cannot be read. Restore the data from a copy, or start afresh: kvc up --fresh";
  return new KvcError('KVC_E_STORE_FAILED', message);
}
