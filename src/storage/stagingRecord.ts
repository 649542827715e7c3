import { factsFields, factsOf } from '../protocol/factsFields.js';
import { packRecord, unpackRecord, unreadableRecord } from '../protocol/storeRecord.js';
import type { StagedSnapshot } from './storeSnapshot.js';

const format = 1;

/** The staged snapshot as it is stored beside its parts, and whether its merge into the store has begun. */
export interface StagingState extends StagedSnapshot {
  readonly isMerging: boolean;
}

export function encodeStaging({ source, checkpoint, next, isMerging }: StagingState): Buffer {
  return packRecord(format, [source, factsFields(checkpoint), next, isMerging]);
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT */
export function decodeStaging(bytes: Uint8Array): StagingState {
  const [source, checkpoint, next, isMerging] = unpackRecord(bytes, format);
  if (typeof source !== 'string' || !isNext(next) || typeof isMerging !== 'boolean') {
    throw unreadableRecord('the progress of a snapshot is malformed');
  }
  return { source, checkpoint: factsOf(checkpoint, unreadableRecord), next, isMerging };
}

function isNext(input: unknown): input is StagedSnapshot['next'] {
  return input === null || input === 'complete' || (typeof input === 'string' && /^[rk]/.test(input));
}
