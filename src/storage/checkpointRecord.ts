import { emptyVector } from '../core/clock/versionVector.js';
import { factsFields, factsOf } from '../protocol/factsFields.js';
import { packRecord, unpackRecord, unreadableRecord } from '../protocol/storeRecord.js';
import type { Checkpoint } from './keyStore.js';

export const checkpointFormat = 2;

/** What a store holds before its first checkpoint. */
export const emptyCheckpoint: Checkpoint = {
  clock: emptyVector,
  timestamp: 0,
  liveKeys: 0,
  conflictedKeys: 0,
  members: [],
};

export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  return packRecord(checkpointFormat, factsFields(checkpoint));
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  return factsOf(unpackRecord(bytes, checkpointFormat), unreadableRecord);
}
