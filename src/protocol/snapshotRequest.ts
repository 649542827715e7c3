import type { ReplicaId } from '../core/ids.js';
import { asObject, badField } from './fields.js';
import { parseReplicaId } from './names.js';
import { parseSnapshotPosition, type SnapshotPosition } from './snapshotPosition.js';

/** POST /snapshot: a member asks for one part of a snapshot. */
export interface SnapshotRequest {
  readonly from: ReplicaId;
  /** null begins one. */
  readonly snapshot: string | null;
  /** null for its first part. */
  readonly position: SnapshotPosition | null;
}

const idForm = /^[0-9a-f]{1,64}$/;

export function snapshotRequestText({ from, snapshot, position }: SnapshotRequest): string {
  return JSON.stringify({ from, snapshot, position });
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseSnapshotRequest(input: unknown): SnapshotRequest {
  const { from, snapshot, position } = asObject(input, 'body', ['from', 'snapshot', 'position']);
  if (position !== null) parseSnapshotPosition(position);
  return {
    from: parseReplicaId(from, 'from'),
    snapshot: snapshot === null ? null : parseSnapshotId(snapshot, 'snapshot'),
    position: position as SnapshotPosition | null,
  };
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseSnapshotId(input: unknown, field: string): string {
  if (typeof input === 'string' && idForm.test(input)) return input;
  throw badField(field, 'the id of a snapshot, or null to begin one', input);
}
