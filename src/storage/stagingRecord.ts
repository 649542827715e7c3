import { messageOf } from '../errors.js';
import { factsFields, factsOf } from '../protocol/factsFields.js';
import { replicaOf } from '../protocol/recordFields.js';
import { isSnapshotId } from '../protocol/snapshotPartRequest.js';
import { snapshotPositionOf } from '../protocol/snapshotPosition.js';
import { packRecord, unpackRecord, unreadableRecord } from '../protocol/storeRecord.js';
import type { StagedSnapshot } from './storeSnapshot.js';

const format = 1;

/** The staged snapshot as it is stored beside its parts, and whether its merge into the store has begun. */
export interface StagingState extends StagedSnapshot {
  readonly isMerging: boolean;
}

export function encodeStaging({ source, checkpoint, next, isMerging }: StagingState): Buffer {
  const { replica, snapshot } = source;
  return packRecord(format, [replica, snapshot, factsFields(checkpoint), next, isMerging]);
}

/** @throws KvcError KVC_E_FORMAT_UNKNOWN, KVC_E_STORE_CORRUPT */
export function decodeStaging(bytes: Uint8Array): StagingState {
  const [replica, snapshot, checkpoint, next, isMerging] = unpackRecord(bytes, format);
  if (!isSnapshotId(snapshot) || typeof isMerging !== 'boolean') {
    throw unreadableRecord('the progress of a snapshot is malformed');
  }
  return {
    source: { replica: replicaOf(replica, unreadableRecord), snapshot },
    checkpoint: factsOf(checkpoint, unreadableRecord),
    next: nextOf(next),
    isMerging,
  };
}

function nextOf(input: unknown): StagedSnapshot['next'] {
  if (input === null || input === 'complete') return input;
  try {
    return snapshotPositionOf(input);
  } catch (error) {
    throw unreadableRecord(messageOf(error));
  }
}
