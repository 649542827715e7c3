import type { ReplicaId } from '../core/ids.js';
import { KvcError } from '../errors.js';
import { asObject, badField } from './fields.js';
import { parseReplicaId } from './names.js';
import { snapshotPositionOf, type SnapshotPosition } from './snapshotPosition.js';

const snapshotPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** What a node that needs the state of another one asks it for: the next part (snapshotChunk.ts). */
export interface SnapshotPartRequest {
  /** Who asks. */
  readonly from: ReplicaId;
  /** The snapshot to go on with; null for a new one. */
  readonly snapshot: string | null;
  /** Where to go on in it; null for the beginning. */
  readonly position: SnapshotPosition | null;
}

/** Whether a text can be the name of a snapshot. */
export function isSnapshotId(input: unknown): input is string {
  return typeof input === 'string' && snapshotPattern.test(input);
}

/** The JSON text of a request. */
export function snapshotPartRequestText({ from, snapshot, position }: SnapshotPartRequest): string {
  return JSON.stringify({ from, snapshot, position });
}

/**
 * A request that arrives from outside, as decoded JSON.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID
 */
export function parseSnapshotPartRequest(input: unknown): SnapshotPartRequest {
  const fields = asObject(input, 'body', ['from', 'snapshot', 'position']);
  const from = parseReplicaId(fields.from, 'from');
  const snapshot = parseSnapshotId(fields.snapshot);
  const position = fields.position === null ? null : snapshotPositionOf(fields.position);
  if (snapshot === null && position !== null) {
    throw new KvcError('KVC_E_BAD_REQUEST', 'position must be null where snapshot is', { field: 'position' });
  }
  return { from, snapshot, position };
}

function parseSnapshotId(input: unknown): string | null {
  if (input === null || isSnapshotId(input)) return input;
  throw badField('snapshot', 'null or the name of a snapshot', input);
}
