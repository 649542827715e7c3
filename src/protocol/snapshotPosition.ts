import type { RequestId } from '../core/update.js';
import { badField } from './fields.js';
import { parseKey } from './keys.js';
import { isRequestId } from './requestId.js';

/**
 * How far a snapshot has been read: `r` and the last request id, or `k` and the last key, for first come all requests, then
 * all keys, each in order. Opaque to all but the store that gave it.
 */
export type SnapshotPosition = `r${string}` | `k${string}`;

export type SnapshotPlace =
  | { readonly table: 'requests'; readonly after: RequestId }
  | { readonly table: 'keys'; readonly after: string };

export function snapshotPosition({ table, after }: SnapshotPlace): SnapshotPosition {
  return table === 'requests' ? `r${after}` : `k${after}`;
}

/**
 * A position that is passed on as it is.
 * @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID
 */
export function snapshotPositionOf(input: unknown, field?: string): SnapshotPosition {
  return snapshotPosition(parseSnapshotPosition(input, field));
}

/** @throws KvcError KVC_E_BAD_REQUEST, KVC_E_KEY_INVALID */
export function parseSnapshotPosition(input: unknown, field = 'position'): SnapshotPlace {
  const after = typeof input === 'string' ? input.slice(1) : '';
  if (typeof input === 'string' && input.startsWith('k')) {
    return { table: 'keys', after: parseKey(after, field) };
  }
  if (typeof input === 'string' && input.startsWith('r') && isRequestId(after)) {
    return { table: 'requests', after };
  }
  throw badField(field, 'a position that an earlier part of the snapshot gave', input);
}
